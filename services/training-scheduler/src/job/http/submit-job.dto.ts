import { JobSpecDto } from './job-spec.dto.js';

export class SubmitJobDto extends JobSpecDto {}
