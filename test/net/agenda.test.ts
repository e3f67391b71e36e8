import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Agenda, type Appointment } from '../../src/net/agenda.js';

describe('net/agenda', () => {
  it('gives out what is due by time, equal times in the order added, and nothing that was removed', () => {
    const step = fc.record({ at: fc.integer({ min: 0, max: 20 }), remove: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const agenda = new Agenda();
        const kept: { readonly at: number; readonly name: number }[] = [];
        const ran: number[] = [];
        const doomed: Appointment[] = [];
        for (const [name, { at, remove }] of steps.entries()) {
          const appointment = agenda.add(at, () => ran.push(name));
          if (remove) doomed.push(appointment);
          else kept.push({ at, name });
        }
        for (const appointment of [...doomed, ...doomed]) appointment.cancel();
        const sorted = kept.toSorted((a, b) => a.at - b.at);
        assert.equal(agenda.nextAt, sorted[0]?.at ?? Infinity);
        for (let next = agenda.takeDue(20); next !== undefined; next = agenda.takeDue(20)) next();
        assert.equal(agenda.nextAt, Infinity);
        assert.deepEqual(
          ran,
          sorted.map(({ name }) => name),
        );
      }),
    );
  });

  it('keeps what is not due yet', () => {
    const agenda = new Agenda();
    const callback = () => undefined;
    const appointment = agenda.add(5, callback);
    assert.equal(agenda.takeDue(4.9), undefined);
    assert.equal(agenda.takeDue(5), callback);
    assert.equal(agenda.nextAt, Infinity);
    appointment.cancel();
    assert.equal(agenda.takeDue(5), undefined);
  });

  it('takes additions to a time that is being taken', () => {
    const agenda = new Agenda();
    const [first, second] = [() => undefined, () => undefined];
    agenda.add(5, first);
    agenda.add(5, () => undefined).cancel();
    assert.equal(agenda.takeDue(5), first);
    agenda.add(5, second);
    agenda.add(4, first);
    assert.deepEqual([agenda.takeDue(5), agenda.takeDue(5), agenda.takeDue(5)], [first, second, undefined]);
  });

  it('keeps nothing of what was cancelled but a few numbers', () => {
    const agenda = new Agenda();
    agenda.add(1, () => undefined);
    const appointment = agenda.add(1000, () => undefined);
    appointment.cancel();
    assert.equal(appointment.callback, undefined);
  });
});
