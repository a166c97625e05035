//! One client's conversation with the mail server.

use anyhow::{Result, bail};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
};

use super::{Behaviour, Letter, State};

const LONGEST_LINE: u64 = 4_096;
const LARGEST_LETTER: usize = 1 << 20;

struct Conversation<'s> {
    stream: BufReader<TcpStream>,
    state: &'s State,
    number: usize,
    credentials: Option<(String, String)>,
    signed_in: bool,
    from: Option<String>,
    to: Vec<String>,
}

/// Answers one client until it leaves.
pub(super) async fn hold(stream: TcpStream, state: &State, credentials: Option<(String, String)>) -> Result<()> {
    let mut conversation = Conversation {
        stream: BufReader::new(stream),
        number: state.begin(),
        state,
        signed_in: credentials.is_none(),
        credentials,
        from: None,
        to: Vec::new(),
    };
    match state.behaviour() {
        Behaviour::Down => return conversation.say("421 4.3.2 closing for now").await,
        Behaviour::Rubbish => return conversation.say("<html>Welcome to our new home page</html>").await,
        Behaviour::Silent => {
            // Until the client has had enough.
            let mut nothing = Vec::new();
            conversation.stream.read_to_end(&mut nothing).await?;
            return Ok(());
        }
        _ => conversation.say("220 standin.example.com ESMTP").await?,
    }
    while let Some(line) = conversation.hear().await? {
        if !conversation.answer(&line).await? {
            break;
        }
    }
    Ok(())
}

impl Conversation<'_> {
    async fn say(&mut self, line: &str) -> Result<()> {
        self.stream
            .get_mut()
            .write_all(format!("{line}\r\n").as_bytes())
            .await?;
        Ok(())
    }

    async fn hear(&mut self) -> Result<Option<String>> {
        let mut line = String::new();
        let read = (&mut self.stream).take(LONGEST_LINE).read_line(&mut line).await?;
        let line = line.trim_end_matches(['\r', '\n']).to_owned();
        self.state.heard(self.number, &line);
        Ok((read > 0).then_some(line))
    }

    /// Whether the conversation goes on.
    async fn answer(&mut self, line: &str) -> Result<bool> {
        let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
        match verb.to_ascii_uppercase().as_str() {
            "EHLO" => {
                for line in [
                    "250-standin.example.com",
                    "250-SIZE 1048576",
                    "250-8BITMIME",
                    "250 AUTH PLAIN LOGIN",
                ] {
                    self.say(line).await?;
                }
            }
            "HELO" => self.say("250 standin.example.com").await?,
            "AUTH" => self.sign_in(rest).await?,
            "MAIL" if !self.signed_in => self.say("530 5.7.0 sign in first").await?,
            "MAIL" => {
                self.from = address(rest);
                self.to.clear();
                self.say(if self.from.is_some() {
                    "250 2.1.0 ok"
                } else {
                    "501 5.1.7 no address"
                })
                .await?;
            }
            "RCPT" => self.recipient(rest).await?,
            "DATA" if self.to.is_empty() => self.say("503 5.5.1 to whom?").await?,
            "DATA" => return self.data().await,
            "RSET" => {
                self.from = None;
                self.to.clear();
                self.say("250 2.0.0 ok").await?;
            }
            "NOOP" => self.say("250 2.0.0 ok").await?,
            "QUIT" => {
                self.say("221 2.0.0 good-bye").await?;
                return Ok(false);
            }
            _ => self.say("502 5.5.2 not known").await?,
        }
        Ok(true)
    }

    async fn sign_in(&mut self, rest: &str) -> Result<()> {
        let given = rest
            .strip_prefix("PLAIN ")
            .and_then(|given| STANDARD.decode(given).ok());
        let expected = self
            .credentials
            .as_ref()
            .map(|(user, password)| format!("\0{user}\0{password}").into_bytes());
        self.signed_in = self.state.behaviour() != Behaviour::BadLogin && given == expected;
        self.say(if self.signed_in {
            "235 2.7.0 welcome"
        } else {
            "535 5.7.8 who are you?"
        })
        .await
    }

    async fn recipient(&mut self, rest: &str) -> Result<()> {
        let answer = match (self.state.behaviour(), address(rest)) {
            _ if self.from.is_none() => "503 5.5.1 from whom?",
            (_, None) => "501 5.1.3 no address",
            (Behaviour::Busy, _) => "450 4.2.0 come back later",
            (Behaviour::NoMailbox, Some(_)) => "550 5.1.1 no such mailbox here: secret words",
            (_, Some(to)) => {
                self.to.push(to);
                "250 2.1.5 ok"
            }
        };
        self.say(answer).await
    }

    async fn data(&mut self) -> Result<bool> {
        self.say("354 go on").await?;
        if self.state.behaviour() == Behaviour::BreaksInTheMiddle {
            return Ok(false);
        }
        let letter = Letter {
            raw: self.body().await?,
            from: self.from.take().unwrap_or_default(),
            to: std::mem::take(&mut self.to),
        };
        match self.state.behaviour() {
            Behaviour::Refuses => self.say("554 5.6.0 not that: secret words").await?,
            Behaviour::NotNow => self.say("451 4.3.0 not now").await?,
            Behaviour::TakesAndBreaks => {
                self.state.take(letter);
                return Ok(false);
            }
            _ => {
                self.state.take(letter);
                self.say("250 2.0.0 taken").await?;
            }
        }
        Ok(true)
    }

    /// Up to the line with a dot alone; a dot at the beginning of another line was doubled.
    async fn body(&mut self) -> Result<String> {
        let mut body = String::new();
        loop {
            let mut line = String::new();
            if (&mut self.stream).take(LONGEST_LINE).read_line(&mut line).await? == 0 {
                bail!("the client left in the middle of a letter");
            }
            if line == ".\r\n" {
                return Ok(body);
            }
            body.push_str(line.strip_prefix('.').unwrap_or(&line));
            if body.len() > LARGEST_LETTER {
                bail!("a letter without end");
            }
        }
    }
}

/// The address in `FROM:<a@b>` or `TO:<a@b>`.
fn address(rest: &str) -> Option<String> {
    let (_, rest) = rest.split_once('<')?;
    let (address, _) = rest.split_once('>')?;
    address.contains('@').then(|| address.to_owned())
}
