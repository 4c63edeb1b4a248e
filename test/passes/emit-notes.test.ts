/** What a payload depends on and who it is. */
import { describe, expect, test } from '@jest/globals';
import { findBuildId } from '../../src/xen/image.js';
import { ABIS } from '../../src/xen/versions.js';
import { mustRead } from '../support/elf-builder.js';
import { linkObjects } from '../support/in-memory.js';
import { change, running } from '../support/small-payload.js';

describe('emit-notes', () => {
  const image = running({ f: 16, printk: 7 });
  const idOf = async (wishes: Parameters<typeof linkObjects>[2]): Promise<string> => {
    const { payload } = await linkObjects([change], image, wishes);
    return Buffer.from(payload?.buildId ?? []).toString('hex');
  };

  test('identify a payload by its contents and by all that it depends on', async () => {
    const other = Uint8Array.of(1, 2, 3);
    const ids = await Promise.all([
      idOf({}),
      idOf({ wishes: { depends: other } }),
      idOf({ wishes: { xenDepends: other } }),
      idOf({ wishes: { modinfo: ['a=b'] } }),
      idOf({ wishes: { abi: ABIS['livepatch-v1'] } }),
      idOf({ wishes: { abi: ABIS['xsplice-v1'] } }),
      idOf({ wishes: { prelink: true } }),
    ]);
    expect(new Set(ids).size).toBe(ids.length);
    expect(await idOf({})).toBe(ids[0]);
  });

  test('hold build-ids of any length', async () => {
    for (const length of [1, 3, 4, 16, 20, 64]) {
      const depends = new Uint8Array(length).fill(length);
      const { payload } = await linkObjects([change], image, { wishes: { depends } });
      const file = mustRead(payload?.bytes ?? new Uint8Array(0));
      expect(findBuildId(file, '.livepatch.depends')).toEqual(depends);
      expect(findBuildId(file)).toEqual(Uint8Array.from(payload?.buildId ?? []));
    }
  });

  test('leave out what older hypervisors do not know', async () => {
    const namesWith = async (abi: keyof typeof ABIS): Promise<string[]> => {
      const { payload } = await linkObjects([change], image, { wishes: { abi: ABIS[abi] } });
      return payload?.object.sections.map((s) => s.name).filter((name) => /depends/.test(name)) ?? [];
    };
    expect(await namesWith('livepatch-v2')).toEqual(['.livepatch.depends', '.livepatch.xen_depends']);
    expect(await namesWith('livepatch-v1')).toEqual(['.livepatch.depends']);
    expect(await namesWith('xsplice-v1')).toEqual(['.xsplice.depends']);
  });
});
