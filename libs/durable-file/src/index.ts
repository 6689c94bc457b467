export { readText, replaceText } from './durable-file.js';
