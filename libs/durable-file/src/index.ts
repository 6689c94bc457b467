export { createText, readText, replaceText } from './durable-file.js';
