import { createHmac } from 'node:crypto';

export const DELIVERY_ID_HEADER = 'X-MLflow-Delivery-Id';
export const TIMESTAMP_HEADER = 'X-MLflow-Timestamp';
export const SIGNATURE_HEADER = 'X-MLflow-Signature';

/** As MLflow signs: `v1,` and base64 of HMAC-SHA256 over `<delivery id>.<Unix seconds>.<payload>`. */
export function signatureOf(secret: string, deliveryId: string, timestamp: string, payload: string): string {
  return `v1,${createHmac('sha256', secret).update(`${deliveryId}.${timestamp}.${payload}`).digest('base64')}`;
}
