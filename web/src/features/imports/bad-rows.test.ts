import { expect, it } from 'vitest';
import { badRowsFile } from './bad-rows';

it('cells that look like formulas are harmless, and quotes are doubled', () => {
  const rows = [{ row: 2, field: '=cmd()', reason: 'say "no"' }];
  expect(badRowsFile(['row', 'field', 'reason'], rows)).toBe(
    '\ufeff"row","field","reason"\r\n"2","\'=cmd()","say ""no"""\r\n',
  );
});
