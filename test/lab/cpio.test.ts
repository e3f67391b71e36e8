import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { CHARACTER_DEVICE, encodeArchive, FOLDER, PROGRAM } from '../../lab/cpio.js';

describe('lab: archive for the kernel', () => {
  const archive = encodeArchive([
    { name: 'bin', mode: FOLDER },
    { name: 'bin/odd', mode: PROGRAM, data: Buffer.from('12345') },
    { name: 'console', mode: CHARACTER_DEVICE, device: [5, 1] },
  ]);

  it('starts each entry with the magic number, on a multiple of four', () => {
    const starts = [...archive.toString('latin1').matchAll(/070701/g)].map(({ index }) => index);
    assert.equal(starts.length, 4);
    assert.deepEqual(
      starts.filter((at) => at % 4 !== 0),
      [],
    );
  });

  it('says mode, size and device where the kernel reads them', () => {
    const at = archive.indexOf('bin/odd') - 110;
    assert.equal(archive.toString('latin1', at + 14, at + 22), '000081ed');
    assert.equal(archive.toString('latin1', at + 54, at + 62), '00000005');
    const device = archive.indexOf('console') - 110;
    assert.equal(archive.toString('latin1', device + 78, device + 94), '0000000500000001');
  });

  it('is read by cpio itself', function () {
    const listing = listed(archive);
    if (listing === undefined) return this.skip();
    assert.deepEqual(listing, ['bin', 'bin/odd', 'console']);
  });
});

/** busybox is there where the virtual machine can run; elsewhere nobody needs the archive. */
function listed(archive: Buffer): string[] | undefined {
  try {
    const text = execFileSync('busybox', ['cpio', '-t'], {
      input: archive,
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    return text.toString().trim().split('\n');
  } catch {
    return undefined;
  }
}
