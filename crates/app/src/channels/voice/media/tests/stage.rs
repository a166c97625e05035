//! A call with everything around it in memory, except the socket.

use std::{
    path::PathBuf,
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use axum::{Router, extract::WebSocketUpgrade, routing::get};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use contracts::{
    Fault,
    audio::Pcm,
    llm::{Delta, Deltas, LanguageModel, Prompt, ToolCall},
    stt::{SpeechToText, Transcript, Utterance},
    tts::{Gender, Speech, SpeechStream, TextToSpeech},
};
use conversation::{
    call::{
        Adaptive, Call, Caller, Command, Config, Engines as Has, Greeting, Hearing, Leaving, Limits, Timing,
        ToolOutcome, Transfer, TurnRecord, Voice,
    },
    sentences::{self, Key},
};
use futures::{SinkExt, StreamExt, stream};
use kernel::{Phone, Pii};
use serde_json::{Value, json};
use tokio::{
    net::TcpListener,
    sync::mpsc,
    time::{Instant, timeout},
};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream,
    tungstenite::{Message, protocol::frame::coding::CloseCode},
};
use tokio_util::sync::CancellationToken;

use crate::{
    Engines,
    channels::voice::media::{
        codec,
        desk::{Desk, Part},
        driver::{self, Facts, Opening},
        engines::Studio,
        recording::Recording,
        socket,
    },
};

pub const STREAM: &str = "MZ1";
const GREETING: &str = "שלום";

/// How a stand-in engine behaves.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Mood {
    Works,
    Fails,
    Hangs,
}

pub struct Ear(
    pub &'static str,
    pub Mood,
    pub &'static [&'static str],
    pub Mutex<usize>,
);

#[async_trait]
impl SpeechToText for Ear {
    fn name(&self) -> &'static str {
        self.0
    }

    async fn transcribe(&self, utterance: Utterance) -> Result<Transcript, Fault> {
        mood(self.1).await?;
        assert!(utterance.audio.duration_ms() > 200, "an utterance has audio");
        let mut at = self.3.lock().expect("no panic");
        let text = self.2.get(*at).copied().unwrap_or_default().to_owned();
        *at += 1;
        Ok(Transcript { text, language: None })
    }
}

pub struct Brain(pub &'static str, pub Mood, pub &'static str);

#[async_trait]
impl LanguageModel for Brain {
    fn name(&self) -> &'static str {
        self.0
    }

    async fn answer(&self, _: Prompt) -> Result<Deltas, Fault> {
        mood(self.1).await?;
        let words: Vec<_> = self
            .2
            .split_inclusive(' ')
            .map(|word| Ok(Delta::Text(word.to_owned())))
            .collect();
        Ok(stream::iter(words).boxed())
    }
}

/// Says every sentence as a tone of 60 ms a character.
pub struct Mouth(pub &'static str, pub Mood);

#[async_trait]
impl TextToSpeech for Mouth {
    fn name(&self) -> &'static str {
        self.0
    }

    async fn speak(&self, speech: Speech) -> Result<SpeechStream, Fault> {
        mood(self.1).await?;
        let samples = speech.text.chars().count() * 480;
        let tone: Vec<i16> = (0..samples).map(|n| if n % 20 < 10 { 6_000 } else { -6_000 }).collect();
        let pieces: Vec<_> = tone.chunks(1_000).map(|piece| Ok(Pcm::from(piece.to_vec()))).collect();
        Ok(stream::iter(pieces).boxed())
    }
}

async fn mood(mood: Mood) -> Result<(), Fault> {
    match mood {
        Mood::Works => Ok(()),
        Mood::Fails => Err(Fault::unavailable("down")),
        Mood::Hangs => std::future::pending().await,
    }
}

#[derive(Default)]
pub struct Notebook {
    pub turns: Mutex<Vec<TurnRecord>>,
    pub parts: Mutex<Vec<Part>>,
    pub left: Mutex<Option<Leaving>>,
    pub recording: Mutex<Option<PathBuf>>,
}

#[async_trait]
impl Desk for Notebook {
    async fn heard(&self, part: Part) {
        self.parts.lock().expect("no panic").push(part);
    }
    async fn save_turn(&self, turn: TurnRecord) {
        self.turns.lock().expect("no panic").push(turn);
    }
    async fn run_tool(&self, _: ToolCall) -> ToolOutcome {
        ToolOutcome {
            ok: true,
            content: "ok".to_owned(),
            summary: String::new(),
        }
    }
    async fn link_caller(&self, _: Pii<Phone>) {}
    fn level(&self, _: f32, _: f32) {}
    async fn leave(&self, leaving: Leaving) {
        *self.left.lock().expect("no panic") = Some(leaving);
    }
    async fn keep_recording(&self, file: PathBuf) {
        *self.recording.lock().expect("no panic") = Some(file);
    }
}

pub fn config(has: Has) -> Config {
    Config {
        voice: Voice {
            language: "he-IL".to_owned(),
            ..Voice::default()
        },
        greeting: Greeting::Played {
            text: GREETING.to_owned(),
            length_ms: 0,
        },
        caller: Caller::default(),
        engines: has,
        transfer: Transfer::Impossible,
        opening: Vec::new(),
        system_prompt: String::new(),
        tools: Vec::new(),
        hearing: Hearing::default(),
        timing: Timing::default(),
        limits: Limits::default(),
        turns_before: 0,
        began: chrono::DateTime::UNIX_EPOCH.with_timezone(&chrono_tz::Asia::Jerusalem),
    }
}

/// A server with one call, and what is left of it.
pub struct Stage {
    pub notebook: Arc<Notebook>,
    pub commands: mpsc::Sender<Command>,
    pub line: PhoneLine,
    directory: tempfile::TempDir,
}

impl Stage {
    pub async fn open(engines: Engines) -> Self {
        let has = Has {
            recogniser: !engines.stt.is_empty(),
            model: !engines.llm.is_empty(),
        };
        Self::open_with(engines, config(has)).await
    }

    pub async fn open_with(engines: Engines, config: Config) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let notebook = Arc::new(Notebook::default());
        let (commands, waiting) = mpsc::channel(4);
        let opening = Opening {
            call: Call::new(config, Box::new(Adaptive::default())),
            facts: Facts {
                call_sid: "CA1".to_owned(),
                business_id: 1,
                language: "he-IL".to_owned(),
                hint: None,
            },
            stream_sid: STREAM.to_owned(),
            recording: Some(Recording::begin(directory.path(), "CA1", bytes::Bytes::new())),
            studio: Arc::new(Studio::new(engines)),
            desk: notebook.clone(),
            commands: waiting,
            drain: CancellationToken::new(),
        };
        let line = PhoneLine::connect(opening).await;
        Self {
            notebook,
            commands,
            line,
            directory,
        }
    }

    /// Without the greeting that was played before them.
    pub fn turns(&self) -> Vec<TurnRecord> {
        let mut turns = self.notebook.turns.lock().expect("no panic").clone();
        turns.retain(|turn| turn.agent_text != GREETING);
        turns
    }

    /// The recording's two sides, once it is kept.
    pub async fn recorded(&self) -> (Vec<i16>, Vec<i16>) {
        let kept = || self.notebook.recording.lock().expect("no panic").clone();
        for _ in 0..200 {
            if let Some(file) = kept() {
                assert!(file.starts_with(self.directory.path()));
                let samples: Vec<i16> = hound::WavReader::open(file)
                    .expect("a wav")
                    .into_samples()
                    .map(|sample| sample.expect("a sample"))
                    .collect();
                let side = |at: usize| samples.iter().skip(at).step_by(2).copied().collect();
                return (side(0), side(1));
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("no recording was kept");
    }
}

/// Twilio's part: sends 20 ms every 20 ms, plays what comes, and returns marks when they would be played.
pub struct PhoneLine {
    socket: WebSocketStream<MaybeTlsStream<tokio::net::TcpStream>>,
    started: Instant,
    frames: u32,
    /// Mu-law that the caller has yet to hear, and the marks in it by their place.
    playing: std::collections::VecDeque<u8>,
    marks: Vec<(usize, String)>,
    pub heard: Vec<u8>,
    /// When audio came, with its length.
    pub media_at: Vec<(Instant, usize)>,
    pub clears: Vec<Instant>,
    pub closed: Option<(CloseCode, String)>,
    /// Frames in which the caller heard nothing although the agent was in the middle of something.
    pub gaps: u32,
}

impl PhoneLine {
    async fn connect(opening: Opening) -> Self {
        let opening = Arc::new(Mutex::new(Some(opening)));
        let route = get(async move |upgrade: WebSocketUpgrade| {
            upgrade
                .max_message_size(socket::MOST_BYTES)
                .max_frame_size(socket::MOST_BYTES)
                .on_upgrade(async move |mut ws| {
                    let opening = opening.lock().expect("no panic").take().expect("one call");
                    let finished = driver::run(&mut ws, opening).await;
                    match finished.outcome {
                        Ok(()) => socket::close(ws).await,
                        Err(refusal) => socket::refuse(ws, refusal).await,
                    }
                    finished.keep_recording().await;
                })
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        tokio::spawn(async move { axum::serve(listener, Router::new().route("/", route)).await });
        let (socket, _) = tokio_tungstenite::connect_async(format!("ws://{address}/"))
            .await
            .expect("a socket");
        Self {
            socket,
            started: Instant::now(),
            frames: 0,
            playing: std::collections::VecDeque::new(),
            marks: Vec::new(),
            heard: Vec::new(),
            media_at: Vec::new(),
            clears: Vec::new(),
            closed: None,
            gaps: 0,
        }
    }

    pub async fn send(&mut self, message: Value) {
        self.send_raw(Message::text(message.to_string())).await;
    }

    pub async fn send_raw(&mut self, message: Message) {
        // A socket that is closed already is for the story to notice.
        let _ = self.socket.send(message).await;
    }

    /// Says something of this length, or nothing.
    pub async fn speak(&mut self, voice: &[u8], ms: u64) {
        let mut voice = voice.chunks_exact(160).cycle();
        self.pass(ms, &mut || voice.next().map(<[u8]>::to_vec)).await;
    }

    pub async fn listen(&mut self, ms: u64) {
        self.pass(ms, &mut || Some(vec![codec::SILENCE; 160])).await;
    }

    async fn pass(&mut self, ms: u64, voice: &mut dyn FnMut() -> Option<Vec<u8>>) {
        for _ in 0..ms / 20 {
            if self.closed.is_some() {
                return;
            }
            let frame = voice().unwrap_or_else(|| vec![codec::SILENCE; 160]);
            let payload = STANDARD.encode(frame);
            let media = json!({"event":"media","streamSid":STREAM,"media":{"track":"inbound","payload":payload}});
            self.send(media).await;
            self.frames += 1;
            let next = self.started + Duration::from_millis(20) * self.frames;
            while let Ok(Some(message)) = tokio::time::timeout_at(next, self.socket.next()).await {
                self.take(message.ok());
                if self.closed.is_some() {
                    return;
                }
            }
            self.play().await;
        }
    }

    fn take(&mut self, message: Option<Message>) {
        match message {
            Some(Message::Text(text)) => self.take_event(&serde_json::from_str(&text).expect("json")),
            Some(Message::Close(Some(frame))) => self.closed = Some((frame.code, frame.reason.to_string())),
            Some(Message::Close(None)) | None => self.closed = Some((CloseCode::Abnormal, String::new())),
            Some(_) => {}
        }
    }

    fn take_event(&mut self, event: &Value) {
        assert_eq!(event["streamSid"], STREAM);
        match event["event"].as_str() {
            Some("media") => {
                let audio = STANDARD
                    .decode(event["media"]["payload"].as_str().expect("a payload"))
                    .expect("base64");
                assert_eq!(audio.len() % 160, 0, "whole frames");
                self.media_at.push((Instant::now(), audio.len()));
                self.playing.extend(audio);
            }
            Some("mark") => {
                let name = event["mark"]["name"].as_str().expect("a name").to_owned();
                self.marks.push((self.heard.len() + self.playing.len(), name));
            }
            Some("clear") => {
                self.clears.push(Instant::now());
                self.playing.clear();
                for (place, _) in &mut self.marks {
                    *place = 0;
                }
            }
            other => panic!("Twilio knows no {other:?}"),
        }
    }

    async fn play(&mut self) {
        if (1..160).contains(&self.playing.len()) || (self.playing.is_empty() && self.in_the_middle()) {
            self.gaps += 1;
        }
        let played = self.playing.len().min(160);
        self.heard.extend(self.playing.drain(..played));
        let heard = self.heard.len();
        for (_, name) in self
            .marks
            .extract_if(.., |(place, _)| *place <= heard)
            .collect::<Vec<_>>()
        {
            self.send(json!({"event":"mark","streamSid":STREAM,"mark":{"name":name}}))
                .await;
        }
    }

    /// The last mark that came was not a sentence's end.
    fn in_the_middle(&self) -> bool {
        self.marks
            .last()
            .is_some_and(|(_, name)| name.strip_suffix(".end").is_none())
    }

    /// Waits for the close.
    pub async fn closing(&mut self) -> (CloseCode, String) {
        let closing = async {
            while self.closed.is_none() {
                let message = self.socket.next().await.and_then(Result::ok);
                self.take(message);
            }
        };
        timeout(Duration::from_secs(15), closing)
            .await
            .expect("the socket is closed");
        self.closed.clone().expect("closed")
    }
}

/// Somebody speaking, as mu-law.
pub fn voice() -> &'static [u8] {
    let clip = sentences::get(Key::Voicemail, Gender::Feminine).clip;
    assert!(clip.len() > 16_000, "the bundled clips are made");
    clip
}

pub fn engines(texts: &'static [&'static str], answer: &'static str) -> Engines {
    Engines {
        stt: vec![Arc::new(Ear("ear", Mood::Works, texts, Mutex::new(0)))],
        llm: vec![Arc::new(Brain("brain", Mood::Works, answer))],
        tts: vec![Arc::new(Mouth("mouth", Mood::Works))],
    }
}
