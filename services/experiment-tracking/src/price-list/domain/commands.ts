import type { Plain, tracking } from '@cairn/contracts';
import type { Command } from '@cairn/kernel';

export type PriceList = Omit<Plain<tracking.PriceListDeclared>, 'version'>;
export type GpuPrice = Plain<tracking.GpuPrice>;

export type DeclarePriceList = Command<'DeclarePriceList', PriceList>;
