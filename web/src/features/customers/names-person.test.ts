import { expect, it } from 'vitest';
import { namesPerson } from './names-person';

const dana = { name: 'דנה לוי', phones: ['+972521234567'], emails: ['Dana@example.com'] };

it.each([
  ['ביקשה בטלפון למחוק', false],
  ['דנה ביקשה', true],
  ['לבקשת לדנה', true],
  ['הילויים', false],
  ['התקשרה מ־052-123-4567', true],
  ['כתבה מ dana@example.com', true],
  ['לפי חוק מ־2017', false],
])('%s', (reason, named) => {
  expect(namesPerson(reason, dana)).toBe(named);
});
