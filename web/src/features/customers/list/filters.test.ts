import { describe, expect, it } from 'vitest';
import { asked, readSearch, sameFilters } from './filters';

const ZONE = 'Asia/Jerusalem';

describe('the address of the list', () => {
  it('keeps what is a filter, and drops what is not', () => {
    const search = {
      q: 'כהן',
      status: 'new,customer',
      'custom.floor': 3,
      blocked: true,
      page: 4,
      'custom.Bad': 'x',
    };
    expect(readSearch(search)).toEqual({
      q: 'כהן',
      status: 'new,customer',
      'custom.floor': '3',
      blocked: 'true',
    });
  });

  it('asks for days by the clock of the business, the last one whole', () => {
    expect(asked({ created_from: '2026-11-01', created_to: '2026-11-02' }, ZONE)).toEqual({
      created_from: '2026-10-31T22:00:00.000Z',
      created_to: '2026-11-02T22:00:00.000Z',
    });
    expect(asked({ 'custom.built.to': '2026-12-31', 'custom.floor.to': '4' }, ZONE)).toEqual({
      'custom.built.to': '2027-01-01',
      'custom.floor.to': '4',
    });
  });

  it('is the same in any order', () => {
    expect(sameFilters({ q: 'a', status: 'new' }, { status: 'new', q: 'a' })).toBe(true);
    expect(sameFilters({ q: 'a' }, { q: 'b' })).toBe(false);
  });
});
