import { expect, it } from 'vitest';
import { badRowsFile } from './bad-rows';

it('a row comes with what it holds; formulas are harmless, and quotes are doubled', () => {
  const rows = [{ row: 2, cells: ['=cmd()', 'say "no"'], reasons: ['a: b', 'c: d'] }];
  expect(badRowsFile(['name', 'phone', 'city'], { line: 'row', reason: 'why' }, rows)).toBe(
    '\ufeff"name","phone","city","row","why"\r\n"\'=cmd()","say ""no""","","2","a: b; c: d"\r\n',
  );
});
