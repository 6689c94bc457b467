import { applyDecorators } from '@nestjs/common';
import { Type } from 'class-transformer';
import { IsObject, ValidateNested } from 'class-validator';

/** An object of this DTO. `ValidateNested` alone also takes a list, of which each entry would have to fit. */
export function Nested(type: () => new () => object): PropertyDecorator {
  return applyDecorators(IsObject(), ValidateNested(), Type(type));
}

/** A list whose entries are objects of this DTO. `ValidateNested` alone also takes lists of lists, and an empty one fits anything. */
export function NestedEach(type: () => new () => object): PropertyDecorator {
  return applyDecorators(IsObject({ each: true }), ValidateNested({ each: true }), Type(type));
}
