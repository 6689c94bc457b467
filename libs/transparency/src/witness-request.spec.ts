import { describe, expect, it } from 'vitest';
import { formatWitnessRequest, parseWitnessRequest } from './witness-request.js';

// The example of C2SP tlog-witness; its signatures are of keys that nobody published.
const CHECKPOINT = `example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
— example.com/behind-the-sofa opLqBQsREYCgu6xQkYQwJr9fo45a62DN9EdmHXnZdXNqlcVGlCum2Wks+49/V6267UEjw6QUXTS5Rovnzv++qbSzm9Q=
`;
const REQUEST = `old 20852014
PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=
jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=
5+pKlUdi2LeF/BcMHBn+Ku6yhPGNCswZZD1X/6QgPd8=
/6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0=

${CHECKPOINT}`;

describe('a request to a witness', () => {
  it('is read and written as the specification shows it', () => {
    const parsed = parseWitnessRequest(REQUEST);
    expect(parsed).toMatchObject({ oldSize: 20_852_014n, checkpoint: CHECKPOINT, claimed: { origin: 'example.com/behind-the-sofa', size: 20_852_163n } });
    expect(parsed.proof).toHaveLength(4);
    expect(formatWitnessRequest(parsed)).toBe(REQUEST);
  });

  it('has no proof from nothing', () => {
    expect(parseWitnessRequest(formatWitnessRequest({ oldSize: 0n, proof: [], checkpoint: CHECKPOINT }))).toMatchObject({ oldSize: 0n, proof: [] });
  });

  const hash = 'PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=\n';
  it.each([
    ['nothing', ''],
    ['no old size', REQUEST.slice(REQUEST.indexOf('\n') + 1)],
    ['an old size with a zero before it', REQUEST.replace('old ', 'old 0')],
    ['an old size below zero', REQUEST.replace('old ', 'old -')],
    ['an old size above the checkpoint’s', REQUEST.replace('old 20852014', 'old 20852164')],
    ['an old size without bounds', REQUEST.replace('old ', `old 1${'0'.repeat(40)}`)],
    ['a short hash', REQUEST.replace('PlRN', '')],
    ['sloppy base64', REQUEST.replace('Dpkaw=', 'Dpkax=')],
    ['64 hashes', REQUEST.replace(hash, hash.repeat(61))],
    ['no empty line', REQUEST.replace('\n\n', '\n')],
    ['no checkpoint', REQUEST.slice(0, REQUEST.indexOf('\n\n') + 2)],
    ['a checkpoint without signatures', REQUEST.slice(0, REQUEST.indexOf('—'))],
    ['a checkpoint without a root', REQUEST.replace('CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n', '')],
    ['carriage returns', REQUEST.replaceAll('\n', '\r\n')],
  ])('with %s is refused', (_, body) => {
    expect(() => parseWitnessRequest(body)).toThrow(expect.objectContaining({ code: 'MALFORMED' }));
  });
});
