//! Twilio, its callers and the companies that answer for engines, in this process, around a server under test.

use std::sync::Arc;

use simulator::{
    Http,
    call::{Answering, Manners, Options, Paths, Plan, Spoken},
    script,
    standins::{self, Running, Settings, VoiceKind},
    twilio::{
        desk::Desk,
        forms::Parties,
        post::{Manner, Poster},
        sids::sid,
    },
};
use url::Url;

/// The phone company's secret, as the servers under test know it.
pub const AUTH_TOKEN: &str = "0123456789abcdef0123456789abcdef";

pub struct Outside {
    pub standins: Running,
    pub desk: Desk,
    http: Http,
    said: Vec<Arc<Spoken>>,
}

impl Outside {
    /// Stand-ins that know what callers will say: these lines, in this order.
    pub async fn with_lines(keys: &[&str]) -> Self {
        let http = simulator::http_client().expect("a client");
        let settings = Settings {
            voice: VoiceKind::Tones,
            ..Settings::default()
        };
        let standins = standins::start(settings).await.expect("stand-ins");
        let mut said = Vec::new();
        for key in keys {
            said.push(script::spoken(key).await.expect("a line"));
        }
        script::tell(&http, &standins.base, &said).await.expect("told");
        let desk = Desk::connect(http.clone(), standins.base.clone())
            .await
            .expect("a desk");
        Self {
            standins,
            desk,
            http,
            said,
        }
    }

    /// The settings that lead a server to these stand-ins.
    pub fn settings(&self) -> Vec<(&'static str, String)> {
        let base = self.standins.base.as_str().trim_end_matches('/');
        vec![
            ("TWILIO_API_BASE", base.to_owned()),
            ("OPENAI_API_KEY", "stand-in".to_owned()),
            ("OPENAI_BASE_URL", format!("{base}/v1")),
            ("GTTS_BASE_URL", base.to_owned()),
            ("STT_ORDER", "openai".to_owned()),
            ("LLM_ORDER", "openai,scripted".to_owned()),
            ("TTS_ORDER", "openai,gtts,espeak".to_owned()),
        ]
    }

    /// A caller who says all lines and hangs up: `public` is where Twilio believes the server to be.
    pub fn plan(&self, server: &str, public: &str, from: &str, to: &str) -> Plan {
        let url = |text: &str| -> Url { text.parse().expect("a URL") };
        let manner = Manner {
            auth_token: AUTH_TOKEN.to_owned(),
            public_base: url(public),
            server: url(server),
            copies: 1,
            bad_signature: false,
            headers: Vec::new(),
        };
        Plan {
            parties: Parties {
                account_sid: Settings::default().account_sid,
                call_sid: sid("CA"),
                from: from.to_owned(),
                to: to.to_owned(),
                forwarded_from: None,
                direction: "inbound",
            },
            poster: Poster::new(self.http.clone(), manner),
            desk: Some(self.desk.clone()),
            steps: script::steps(&self.said, &[], 0).into(),
            manners: Manners::default(),
            paths: Paths {
                recording_status: Some("/webhook/recording_status".to_owned()),
                ..Paths::default()
            },
            drop_after: None,
            dialled: Answering::default(),
            options: Options {
                hang_up_in_recording: true,
                ..Options::default()
            },
        }
    }
}
