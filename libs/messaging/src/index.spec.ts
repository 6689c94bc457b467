import { expect, it } from 'vitest';
import * as messaging from './index.js';

it('exports what services need and nothing else', () => {
  expect(Object.keys(messaging).sort()).toEqual([
    'CAIRN_EVENTS_TRANSPORT',
    'DEAD_LETTERS_STREAM',
    'DEFAULT_HANDLING',
    'DEFAULT_WINDOW',
    'DeliveryContext',
    'EVENTS_STREAM',
    'EventFeed',
    'Inbox',
    'JetStreamStrategy',
    'MessagingError',
    'NatsLink',
    'OnEvent',
    'Relay',
    'RetryLater',
    'Terminate',
    'policyMeta',
    'soleHolder',
  ]);
});
