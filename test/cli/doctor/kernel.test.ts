import assert from 'node:assert/strict';
import { type KernelFacts, kernelFindings } from '../../../src/cli/doctor/kernel.js';
import { loadClean } from '../../support/config.js';
import { brief, instance, service } from '../../support/doctor.js';

const FACTS: KernelFacts = {
  release: '6.1.0-18-amd64',
  ipvs: true,
  loaded: new Set(['ip_vs', 'ip_vs_wlc']),
  loadable: new Set(['ip_vs', 'ip_vs_wlc', 'ip_vs_sed', 'ip_vs_pe_sip']),
  sealed: false,
};

describe('doctor: the kernel', () => {
  const found = (text: string, more: Partial<KernelFacts> = {}) =>
    brief(kernelFindings(loadClean(text), { ...FACTS, ...more }));

  it('has IPVS and the scheduler, loaded or such that it loads it when asked', () => {
    assert.deepEqual(found(service()), []);
    assert.deepEqual(found(service({ algo: 'sed' })), []);
  });

  it('lacks IPVS: one command, if the module is there', () => {
    assert.deepEqual(found(service(), { ipvs: false }), [
      'error ip_vs: ip_vs is not loaded → modprobe ip_vs',
    ]);
    const without = /^error ip_vs: this kernel has no ip_vs/;
    assert.match(found(service(), { ipvs: false, loadable: new Set() })[0] ?? '', without);
    assert.match(found(service(), { ipvs: false, loadable: undefined })[0] ?? '', without);
    assert.match(found(service(), { ipvs: false, sealed: true })[0] ?? '', without);
  });

  it('lacks a scheduler', () => {
    assert.deepEqual(found(`${service({ algo: 'mh' })}${service({ head: '10.0.0.101 80', algo: 'mh' })}`), [
      'error scheduler: the kernel has no ip_vs_mh → modprobe -a ip_vs_mh',
    ]);
    assert.deepEqual(found(service(), { loadable: undefined }), []);
    assert.match(found(service({ algo: 'sed' }), { loadable: undefined })[0] ?? '', /no ip_vs_sed/);
  });

  it('may load nothing more', () => {
    assert.match(
      found(service({ algo: 'sed' }), { sealed: true })[0] ?? '',
      /ip_vs_sed → kernel\.modules_disabled/,
    );
  });

  it('needs no IPVS for VRRP alone', () => {
    assert.deepEqual(found(instance(), { ipvs: false, loadable: undefined }), []);
  });

  it('is to be 4.20 or later', () => {
    for (const release of ['4.20.0', '5.0.1', '10.3'])
      assert.deepEqual(found(instance(), { release }), [], release);
    for (const release of ['4.19.300-generic', '3.90.0']) {
      assert.match(found(instance(), { release })[0] ?? '', /^error kernel: the kernel is /, release);
    }
  });
});
