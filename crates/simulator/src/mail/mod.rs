//! A mail server (RFC 5321) that keeps what it is given, and fails when it is told to.

mod conversation;
mod letter;

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use tokio::{net::TcpListener, task::AbortHandle};
use url::Url;

pub use letter::Letter;

/// How the server behaves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Behaviour {
    #[default]
    Ok,
    /// 421 instead of a greeting.
    Down,
    /// A greeting in no language of mail servers.
    Rubbish,
    /// 450 for every mailbox: come back later, as greylisting does.
    Busy,
    /// 550: there is no such mailbox.
    NoMailbox,
    /// 535: wrong name or password.
    BadLogin,
    /// 554 for the letter itself.
    Refuses,
    /// 451 for the letter itself.
    NotNow,
    /// Takes the letter and breaks the connection before it says so.
    TakesAndBreaks,
    /// Breaks the connection in the middle of the letter.
    BreaksInTheMiddle,
    /// Never says anything.
    Silent,
}

#[derive(Clone, Debug)]
pub struct Settings {
    pub listen: SocketAddr,
    /// Whoever does not show them gets 530.
    pub credentials: Option<(String, String)>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            credentials: None,
        }
    }
}

/// What the connections share.
#[derive(Debug, Default)]
pub struct State {
    behaviour: Mutex<Behaviour>,
    letters: Mutex<Vec<Letter>>,
    conversations: Mutex<Vec<Vec<String>>>,
}

impl State {
    pub fn behaviour(&self) -> Behaviour {
        *self.behaviour.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn behave(&self, behaviour: Behaviour) {
        *self.behaviour.lock().unwrap_or_else(PoisonError::into_inner) = behaviour;
    }

    /// What was taken, oldest first.
    pub fn letters(&self) -> Vec<Letter> {
        self.letters.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What each client said, line by line, without letters.
    pub fn conversations(&self) -> Vec<Vec<String>> {
        self.conversations
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn take(&self, letter: Letter) {
        self.letters.lock().unwrap_or_else(PoisonError::into_inner).push(letter);
    }

    fn begin(&self) -> usize {
        let mut all = self.conversations.lock().unwrap_or_else(PoisonError::into_inner);
        all.push(Vec::new());
        all.len() - 1
    }

    fn heard(&self, conversation: usize, line: &str) {
        let mut all = self.conversations.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(lines) = all.get_mut(conversation) {
            lines.push(line.to_owned());
        }
    }
}

/// A server that listens until this is dropped.
pub struct Running {
    /// For `SMTP_URL`, with the credentials in it.
    pub url: Url,
    pub state: Arc<State>,
    serving: AbortHandle,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// Begins to listen.
pub async fn start(settings: Settings) -> Result<Running> {
    let listener = TcpListener::bind(settings.listen)
        .await
        .with_context(|| format!("the mail server cannot listen on {}", settings.listen))?;
    let mut url: Url = format!("smtp://{}", listener.local_addr()?).parse()?;
    if let Some((user, password)) = &settings.credentials {
        let set = url.set_username(user).and_then(|()| url.set_password(Some(password)));
        set.map_err(|()| anyhow::anyhow!("these credentials do not go into a URL"))?;
    }
    let state = Arc::<State>::default();
    let shared = Arc::clone(&state);
    let serving = tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (state, credentials) = (Arc::clone(&shared), settings.credentials.clone());
            tokio::spawn(async move {
                if let Err(error) = conversation::hold(stream, &state, credentials).await {
                    tracing::debug!(%error, "a mail conversation broke off");
                }
            });
        }
    });
    Ok(Running {
        url,
        state,
        serving: serving.abort_handle(),
    })
}
