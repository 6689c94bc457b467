/** Of one part of a path, decoded. Names have up to 500 characters; Fastify would refuse more than 100. */
export const MAX_PARAM_LENGTH = 2_000;
