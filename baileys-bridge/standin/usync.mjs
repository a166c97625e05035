/**
 * `usync`: who a number is, which devices it has, what its LID is (baileys' `WAUSync/`).
 */
import { child, children, childrenNamed, node, SERVER, textOf } from './library.mjs';
import { digitsOf } from './people.mjs';

export function usync(server, stanza) {
  const asked = child(stanza, 'usync');
  const protocols = children(child(asked, 'query')).map(({ tag }) => tag);
  const users = childrenNamed(child(asked, 'list'), 'user').map((user) =>
    answerUser(server, protocols, user),
  );
  server.usyncQueries.push({ protocols, users: users.map(({ attrs }) => attrs.jid) });
  return [
    node('usync', asked.attrs, [
      node(
        'result',
        {},
        protocols.map((tag) => node(tag)),
      ),
      node('list', {}, users),
      node('side_list', {}),
    ]),
  ];
}

function answerUser(server, protocols, user) {
  const phone = textOf(child(user, 'contact'));
  const jid = user.attrs.jid ?? `${digitsOf(phone)}@${SERVER}`;
  const found = phone ? server.wanted(phone) : server.people.byJid(jid);
  const person = found?.registered ? found : undefined;
  const parts = protocols.map((protocol) => PARTS[protocol]?.(server, person, jid)).filter(Boolean);
  return node('user', { jid }, parts);
}

const PARTS = {
  contact: (_server, person) => node('contact', { type: person ? 'in' : 'out' }),
  // Of somebody asked for by LID the answer names none.
  lid: (_server, person, jid) => person && !jid.endsWith('@lid') && node('lid', { val: person.lidJid }),
  devices: (server, person) =>
    node('devices', {}, [node('device-list', {}, person ? devicesOf(server, person) : [])]),
  status: () => node('status', {}, Buffer.from('')),
  disappearing_mode: () => node('disappearing_mode', { duration: '0', t: '0' }),
};

/** The phone is device 0; any other is listed with the index of its key, without which it is left out. */
function devicesOf(server, person) {
  const phones = person.devices.map((_, id) => node('device', id === 0 ? { id } : { id, 'key-index': id }));
  const linked = server
    .companionsOf(person)
    .map(({ device, keyIndex }) => node('device', { id: device, 'key-index': keyIndex }));
  return [...phones, ...linked];
}
