import { describe, expect, it } from 'vitest';
import { connectionOptions } from './server-address.js';

describe('the address of a server', () => {
  it('is a host and a port', () => {
    expect(connectionOptions('nats://127.0.0.1:4222')).toEqual({ servers: ['127.0.0.1:4222'] });
  });

  it('names several servers, with or without a scheme', () => {
    expect(connectionOptions('nats://a:4222, b:4223')).toEqual({ servers: ['a:4222', 'b:4223'] });
  });

  it('tells who we are', () => {
    expect(connectionOptions('nats://ada:s%40fe@a:4222')).toEqual({ servers: ['a:4222'], user: 'ada', pass: 's@fe' });
    expect(connectionOptions('nats://t0ken@a:4222')).toEqual({ servers: ['a:4222'], token: 't0ken' });
  });

  it('asks for TLS', () => {
    expect(connectionOptions('tls://a:4222')).toEqual({ servers: ['a:4222'], tls: {} });
  });
});
