//! The server and the real bridge, with the library that it uses, against WhatsApp's servers and phones as
//! `baileys-bridge/standin` plays them. Needs `scripts/npm baileys-bridge`.

mod killed;
mod linked;
mod web;
