//! Where letters go: the mail server's URL, and addresses.

use contracts::Fault;
use kernel::SecretString;
use lettre::{Address, message::Mailbox};
use url::Url;

/// How the conversation is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tls {
    /// `smtps`: before the first word.
    FromTheStart,
    /// STARTTLS, or nothing is said.
    Required,
    /// Loopback, or the operator's wish.
    None,
}

/// `smtps://user:password@mail.example.com`, `smtp://mail.example.com:587`.
#[derive(Clone, Debug)]
pub struct Server {
    pub host: String,
    pub port: u16,
    pub tls: Tls,
    pub credentials: Option<(String, SecretString)>,
}

const SUBMISSION: u16 = 587;
const SUBMISSIONS: u16 = 465;

impl Server {
    /// Reads `SMTP_URL`. Over `smtp://` STARTTLS is required, but to this machine or with `?tls=none`. User and
    /// password are percent-encoded. An error says what was expected and quotes nothing.
    pub fn parse(text: &str) -> Result<Self, String> {
        let wrong = || "must be smtps://user:password@host or smtp://user:password@host:587".to_owned();
        let url = Url::parse(text).map_err(|_| wrong())?;
        let host = url.host_str().filter(|host| !host.is_empty()).ok_or_else(wrong)?;
        let host = host.trim_matches(['[', ']']).to_owned();
        let local = host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback());
        let asked = url.query_pairs().find(|(name, _)| name == "tls");
        let asked = asked.map(|(_, value)| value.into_owned());
        let (tls, port) = match (url.scheme(), asked.as_deref()) {
            ("smtps", None) => (Tls::FromTheStart, SUBMISSIONS),
            ("smtp", Some("none")) => (Tls::None, SUBMISSION),
            ("smtp", None) if local => (Tls::None, SUBMISSION),
            ("smtp", None | Some("required")) => (Tls::Required, SUBMISSION),
            ("smtp", _) => return Err("tls is required or none".to_owned()),
            _ => return Err(wrong()),
        };
        Ok(Self {
            port: url.port().unwrap_or(port),
            credentials: credentials(&url)?,
            host,
            tls,
        })
    }
}

fn credentials(url: &Url) -> Result<Option<(String, SecretString)>, String> {
    if url.username().is_empty() {
        return Ok(None);
    }
    let password = url.password().ok_or("has a user without a password")?;
    Ok(Some((plain(url.username())?, plain(password)?.into())))
}

/// `%40` is `@`.
fn plain(text: &str) -> Result<String, String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let mut digit = || rest.next().and_then(|digit| char::from(digit).to_digit(16));
            let (high, low) = digit()
                .zip(digit())
                .ok_or("has a % that is followed by no two hexadecimal digits")?;
            bytes.push(u8::try_from(high * 16 + low).unwrap_or_default());
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).map_err(|_| "user and password are UTF-8, percent-encoded".to_owned())
}

/// Reads `MAIL_FROM`: an address, with or without a name before it.
pub fn sender(text: &str) -> Result<Mailbox, String> {
    text.parse()
        .map_err(|_| "must be an address such as office@example.com or My Business <office@example.com>".to_owned())
}

/// A person's address.
pub(super) fn recipient(text: &str) -> Result<Address, Fault> {
    text.parse::<Address>()
        .ok()
        .filter(|address| AsRef::<str>::as_ref(address).is_ascii())
        .ok_or_else(|| Fault::Declined("not an address that mail servers take".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::ExposeSecret;

    #[test]
    fn the_url_says_where_and_how() {
        let of = |text: &str| Server::parse(text).map(|server| (server.host, server.port, server.tls));
        let host = || "mail.example.com".to_owned();
        assert_eq!(of("smtps://mail.example.com"), Ok((host(), 465, Tls::FromTheStart)));
        assert_eq!(of("smtp://mail.example.com"), Ok((host(), 587, Tls::Required)));
        assert_eq!(of("smtp://mail.example.com:25?tls=none"), Ok((host(), 25, Tls::None)));
        assert_eq!(
            of("smtp://127.0.0.1:1025"),
            Ok(("127.0.0.1".to_owned(), 1025, Tls::None))
        );
        assert_eq!(
            of("smtp://localhost?tls=required").map(|server| server.2),
            Ok(Tls::Required)
        );
        assert_eq!(of("smtp://[::1]:1025").map(|server| server.0), Ok("::1".to_owned()));
        for wrong in [
            "",
            "mail.example.com",
            "https://mail.example.com",
            "smtp://",
            "smtp://user@host",
            "smtp://h?tls=x",
        ] {
            assert!(of(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn user_and_password_are_decoded_and_not_shown() {
        let server = Server::parse("smtps://dana%40example.com:p%3Aw@mail.example.com").expect("a server");
        assert!(!format!("{server:?}").contains("p:w"));
        let (user, password) = server.credentials.expect("credentials");
        assert_eq!((user.as_str(), password.expose_secret()), ("dana@example.com", "p:w"));
        assert!(Server::parse("smtps://a:%zz@host").is_err());
    }

    #[test]
    fn senders_and_recipients_are_checked() {
        assert_eq!(
            sender("AgentLocator <office@example.com>")
                .expect("a sender")
                .email
                .domain(),
            "example.com"
        );
        assert!(sender("office").is_err());
        assert!(recipient("dana@example.com").is_ok());
        for wrong in ["dana", "dana@example.com\r\nRCPT TO:<x@y.z>", "דנה@example.com"] {
            assert!(recipient(wrong).is_err(), "{wrong}");
        }
    }
}
