//! How a sending goes wrong.

use std::{collections::VecDeque, convert::Infallible, future::pending, sync::Mutex};

use axum::{
    body::Body,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use futures::stream;
use serde::{Deserialize, Serialize};

use super::lock;

/// One way of going wrong. `taken` says whether the message was taken all the same, which the server cannot know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Trouble {
    /// Refused with the carrier's own code, a number or a word.
    Refuse {
        code: String,
        #[serde(default = "bad_request")]
        status: u16,
    },
    /// Too many requests.
    Limit { retry_after: Option<u64> },
    /// The request is read and never answered.
    Hang { taken: bool },
    /// The request is read and the connection closed.
    Reset { taken: bool },
    /// The request is read and something breaks.
    Broken { status: u16, taken: bool },
    /// A success of which nobody can read anything.
    Rubbish { taken: bool },
}

const fn bad_request() -> u16 {
    400
}

/// What is put in place by the control.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewTrouble {
    pub trouble: Trouble,
    #[serde(default = "once")]
    pub times: usize,
}

const fn once() -> usize {
    1
}

impl Trouble {
    pub const fn taken(&self) -> bool {
        match self {
            Self::Refuse { .. } | Self::Limit { .. } => false,
            Self::Hang { taken } | Self::Reset { taken } | Self::Broken { taken, .. } | Self::Rubbish { taken } => {
                *taken
            }
        }
    }

    /// The end of a request that is not refused in the carrier's own form.
    pub async fn end(self) -> Response {
        match self {
            Self::Hang { .. } => match pending::<Infallible>().await {},
            Self::Reset { .. } => {
                // Nothing of an answer is there yet when the body breaks off, so that the connection is closed bare.
                let broken = stream::iter([Err::<&str, _>(std::io::Error::other("closed on purpose"))]);
                ([(header::CONTENT_LENGTH, "2")], Body::from_stream(broken)).into_response()
            }
            Self::Broken { status, .. } | Self::Refuse { status, .. } => {
                (status_of(status), "<html><body>upstream error</body></html>").into_response()
            }
            Self::Limit { .. } => StatusCode::TOO_MANY_REQUESTS.into_response(),
            Self::Rubbish { .. } => (
                [(header::CONTENT_TYPE, "text/html")],
                "<html><body>Welcome to our new home page</body></html>",
            )
                .into_response(),
        }
    }
}

pub(in crate::standins) fn status_of(status: u16) -> StatusCode {
    StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// The troubles of the next sends, in order.
#[derive(Default)]
pub(in crate::standins) struct Troubles(Mutex<VecDeque<Trouble>>);

const MOST: usize = 10_000;

impl Troubles {
    pub fn put(&self, new: &NewTrouble) {
        let mut all = lock(&self.0);
        for _ in 0..new.times.min(MOST) {
            all.push_back(new.trouble.clone());
        }
    }

    pub fn next(&self) -> Option<Trouble> {
        lock(&self.0).pop_front()
    }

    pub fn clear(&self) {
        lock(&self.0).clear();
    }
}
