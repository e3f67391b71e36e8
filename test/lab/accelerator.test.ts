import assert from 'node:assert/strict';
import { tryKvm } from '../../lab/accelerator.js';

describe('lab/accelerator', () => {
  const sh = (text: string, withinMs = 15_000) => tryKvm('sh', ['-c', text], withinMs);

  it('is kvm where the machine came up', async () => {
    assert.equal(await sh('echo lab: alive'), 'kvm');
  });

  it('is tcg where it did not, or there is no such program', async () => {
    assert.equal(await sh('echo booting; exit 1'), 'tcg');
    assert.equal(await tryKvm('/no/such/program', [], 15_000), 'tcg');
  });

  it('is unknown where it was still at it', async () => {
    assert.equal(await sh('exec sleep 60', 50), undefined);
  });
});
