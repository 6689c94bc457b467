/** 0.05 a core hour, 3.5 an hour of an H200, 0.005 a GiB hour, 0.3 a kWh; 10 W a core, 700 W a GPU; 380 g a kWh. */
export const prices = {
  currency: 'EUR', valid_from_ms: 0, cpu_hour_price: '0.05', memory_gib_hour_price: '0.005', energy_kwh_price: '0.3',
  gpus: [{ model: 'H200', hour_price: '3.5', watts: '700' }], grid_gco2e_per_kwh: '380', grid_region: 'DE', grid_source: 'a publication, 2024', cpu_core_watts: '10',
};
