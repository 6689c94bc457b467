import type { Clock } from '@cairn/kernel';
import { CLOCK, SERVICE_SETTINGS } from '@cairn/service';
import { Inject, Injectable } from '@nestjs/common';
import type { RegistrySettings } from '../../config.js';
import { retryAfterMs, type Answer } from '../../webhook-delivery/domain/outcome.js';
import { SecretSeal } from './sealed-secret.js';
import { DELIVERY_ID_HEADER, SIGNATURE_HEADER, signatureOf, TIMESTAMP_HEADER } from './signature.js';
import { PrivateAddress, sendWebhook, type WebhookResponse } from './webhook-request.js';
import { urlProblem } from './webhook-url.js';

export interface Addressee {
  readonly webhookId: string;
  readonly url: string;
  readonly sealedSecret: string;
}

/** Sends a payload to a webhook, once, signed where the webhook has a secret. */
@Injectable()
export class WebhookSender {
  constructor(
    @Inject(SecretSeal) private readonly seal: SecretSeal,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(SERVICE_SETTINGS) private readonly settings: RegistrySettings,
  ) {}

  /** Never rejects for what the receiver does. `onResponse` gets the answer as it was. */
  async send({ webhookId, url, sealedSecret }: Addressee, deliveryId: string, payload: string, onResponse?: (response: WebhookResponse) => void): Promise<Answer> {
    const { webhooks } = this.settings;
    // The configuration may have become stricter since the webhook was created.
    const problem = urlProblem(url, webhooks);
    if (problem !== undefined) return { kind: 'refused', detail: problem };
    const secret = sealedSecret === '' ? '' : await this.seal.unseal(sealedSecret, webhookId);
    if (secret === undefined) return { kind: 'refused', detail: 'The secret of the webhook was sealed under another key. Give it a new secret.' };
    const nowMs = Date.parse(this.clock.now());
    const timestamp = String(Math.floor(nowMs / 1_000));
    const headers = {
      [DELIVERY_ID_HEADER]: deliveryId,
      [TIMESTAMP_HEADER]: timestamp,
      ...(secret !== '' && { [SIGNATURE_HEADER]: signatureOf(secret, deliveryId, timestamp, payload) }),
    };
    try {
      const response = await sendWebhook({ url, headers, body: payload }, webhooks);
      onResponse?.(response);
      const waitMs = retryAfterMs(response.retryAfter, nowMs);
      const redirect = response.status >= 300 && response.status < 400 ? ' Redirects are not followed.' : '';
      return { kind: 'answered', status: response.status, detail: `The receiver answered ${response.status}.${redirect}`, ...(waitMs !== undefined && { retryAfterMs: waitMs }) };
    } catch (error) {
      if (error instanceof PrivateAddress) return { kind: 'refused', detail: 'The name of the receiver leads to an address that is not public.' };
      return { kind: 'unanswered', detail: `The receiver did not answer: ${reasonOf(error)}.` };
    }
  }
}

/** Codes such as ECONNREFUSED say enough; messages name addresses. */
function reasonOf(error: unknown): string {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string' && error.code !== 'ABORT_ERR') return error.code;
  return error instanceof Error && error.message.startsWith('no answer') ? error.message : 'the connection failed';
}
