//! One running call: what the socket, the engines and people say goes into the conversation, and what it wants is
//! carried out. One task per call; every queue is bounded.
//!
//! Rules of the conversation stand in `conversation::call`; here is only the carrying.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use axum::extract::ws::WebSocket;
use bytes::Bytes;
use contracts::{audio::FRAME_SAMPLES, llm::ToolCall, stt::Utterance, tts::Speech};
use conversation::call::{Call, Command, Effect, Frame, GenerationId, Input, Leaving, Ms, SpeechId, TurnRecord};
use tokio::{
    sync::mpsc,
    task::{AbortHandle, JoinSet},
    time::{Instant, MissedTickBehavior, interval, timeout},
};
use tokio_util::sync::CancellationToken;

use super::{
    clerk::{Clerk, Note},
    codec::{self, Samples},
    desk::{Desk, Part},
    engines::{Line, Studio, Told, listen, speak, think},
    levels::Levels,
    playout::{News, Piece, Playout},
    recording::Recording,
    socket::{self, Refusal},
    tape::Tape,
    vad::VoiceDetector,
    wire::{self, Incoming, Outgoing},
};

/// Wakes the call when nothing comes from the line.
const TICK: Duration = Duration::from_millis(200);
/// What engines may have told and the call not heard yet.
const TOLD_QUEUE: usize = 64;
/// Sentences that are spoken at a time, while the one before is played.
const SPEAK_AHEAD: usize = 2;
/// A tool of the agent.
const TOOL_TIME: Duration = Duration::from_secs(8);
/// After the call, for tools that still run.
const LAST_TOOLS: Duration = Duration::from_secs(5);

/// What a call is begun with.
pub struct Opening {
    pub call: Call,
    pub facts: Facts,
    pub stream_sid: String,
    pub recording: Option<Recording>,
    pub studio: Arc<Studio>,
    pub desk: Arc<dyn Desk>,
    /// What people of the business want.
    pub commands: mpsc::Receiver<Command>,
    /// The process gives its calls up.
    pub drain: CancellationToken,
}

/// What log lines and engines are told of the call.
#[derive(Clone, Debug)]
pub struct Facts {
    pub call_sid: String,
    pub business_id: i64,
    pub language: String,
    /// Words that are likely, for recognisers.
    pub hint: Option<String>,
}

pub struct Driver {
    call: Call,
    facts: Facts,
    started: Instant,
    stream_sid: String,

    samples: Samples,
    payload: Vec<u8>,
    /// Audio that does not fill a frame yet.
    rest: Vec<u8>,
    detector: VoiceDetector,
    tape: Tape,
    recording: Option<Recording>,
    levels: Levels,

    playout: Playout,
    pieces: Vec<Piece>,
    news: Vec<News>,
    outgoing: Outgoing,
    outbox: Vec<Bytes>,

    line: Line,
    work: JoinSet<()>,
    tools: JoinSet<()>,
    thinking: Option<(GenerationId, AbortHandle)>,
    /// Sentences that are not whole yet, in order; those with a handle are being spoken.
    speaking: VecDeque<Sentence>,
    desk: Arc<dyn Desk>,
    clerk: Clerk,
    left: Option<Leaving>,
}

struct Sentence {
    id: SpeechId,
    speech: Option<Speech>,
    handle: Option<AbortHandle>,
}

/// What is left when a call is over.
pub struct Finished {
    /// Why the socket is to be closed, if the other side is at fault.
    pub outcome: Result<(), Refusal>,
    recording: Option<Recording>,
    desk: Arc<dyn Desk>,
}

impl Finished {
    /// Keeps the recording. This takes its time, and the line need not wait for it.
    pub async fn keep_recording(self) {
        if let Some(recording) = self.recording
            && let Some(file) = recording.finish().await
        {
            self.desk.keep_recording(file).await;
        }
    }
}

/// Runs a call to its end.
pub async fn run(socket: &mut WebSocket, opening: Opening) -> Finished {
    let (told, mut telling) = mpsc::channel(TOLD_QUEUE);
    let Opening {
        call,
        facts,
        stream_sid,
        recording,
        studio,
        desk,
        mut commands,
        drain,
    } = opening;
    let line = Line { studio, told };
    let mut driver = Driver::new(call, facts, stream_sid, recording, line, desk);
    let outcome = driver.talk(socket, &mut telling, &mut commands, &drain).await;
    // Nobody listens to the engines any more, and whoever tells must not wait.
    drop(telling);
    let (recording, desk) = driver.finish().await;
    Finished {
        outcome,
        recording,
        desk,
    }
}

impl Driver {
    fn new(
        call: Call,
        facts: Facts,
        stream_sid: String,
        recording: Option<Recording>,
        line: Line,
        desk: Arc<dyn Desk>,
    ) -> Self {
        Self {
            tape: Tape::from_ms(call.at_ms()),
            call,
            facts,
            started: Instant::now(),
            outgoing: Outgoing::new(&stream_sid),
            stream_sid,
            samples: [0; FRAME_SAMPLES],
            payload: Vec::with_capacity(FRAME_SAMPLES),
            rest: Vec::new(),
            detector: VoiceDetector::new(),
            recording,
            levels: Levels::default(),
            playout: Playout::default(),
            pieces: Vec::new(),
            news: Vec::new(),
            outbox: Vec::new(),
            line,
            work: JoinSet::new(),
            tools: JoinSet::new(),
            thinking: None,
            speaking: VecDeque::new(),
            clerk: Clerk::start(desk.clone()),
            desk,
            left: None,
        }
    }

    /// The loop of a call.
    async fn talk(
        &mut self,
        socket: &mut WebSocket,
        telling: &mut mpsc::Receiver<Told>,
        commands: &mut mpsc::Receiver<Command>,
        drain: &CancellationToken,
    ) -> Result<(), Refusal> {
        let mut tick = interval(TICK);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut refusal = Ok(());
        self.take(Input::Begin);
        while self.left.is_none() {
            self.send(socket).await;
            tokio::select! {
                biased;
                () = drain.cancelled() => self.take(Input::Drain),
                Some(command) = commands.recv() => self.take(Input::Command(command)),
                Some(told) = telling.recv() => self.told(told),
                message = socket::next(socket) => match message {
                    Ok(Some(text)) => refusal = self.message(&text),
                    Ok(None) => self.take(Input::Stopped),
                    Err(why) => refusal = Err(why),
                },
                _ = tick.tick() => self.take(Input::Tick),
            }
            if refusal.is_err() {
                self.take(Input::Stopped);
            }
        }
        self.send(socket).await;
        refusal
    }

    fn now(&self) -> Ms {
        Ms::try_from(self.started.elapsed().as_millis()).unwrap_or(Ms::MAX)
    }

    /// Gives the conversation an input and carries out what it wants, until nothing more follows.
    fn take(&mut self, input: Input) {
        let mut next = Some(input);
        while let Some(input) = next {
            let now = self.now();
            for effect in self.call.step(input, now) {
                self.carry_out(effect);
            }
            next = self.pump().map(|news| match news {
                News::Started(speech) => Input::SpeechStarted { speech },
                News::Made(speech, length_ms) => Input::SpeechMade { speech, length_ms },
            });
        }
    }

    /// Keeps the line fed; gives the next thing that the conversation has to know of it.
    fn pump(&mut self) -> Option<News> {
        if self.news.is_empty() && !self.playout.is_idle() {
            self.playout.pump(self.now(), &mut self.pieces, &mut self.news);
            for piece in self.pieces.drain(..) {
                self.outbox.push(match piece {
                    Piece::Frame(frame) => self.outgoing.media(&frame),
                    Piece::Mark(mark) => self.outgoing.mark(mark),
                });
            }
            // The first news is taken first.
            self.news.reverse();
        }
        self.news.pop()
    }

    async fn send(&mut self, socket: &mut WebSocket) {
        if self.outbox.is_empty() {
            return;
        }
        if socket::send_all(socket, &mut self.outbox).await.is_err() {
            self.outbox.clear();
            self.take(Input::Stopped);
        }
    }

    fn message(&mut self, text: &str) -> Result<(), Refusal> {
        match wire::parse(text)? {
            Incoming::Media { stream_sid, payload } => {
                self.ours(&stream_sid)?;
                wire::audio(&payload, &mut self.payload)?;
                self.audio();
            }
            Incoming::Mark { stream_sid, name } => {
                self.ours(&stream_sid)?;
                if let Some(mark) = wire::mark_of(&name) {
                    self.take(Input::Mark(mark));
                }
            }
            Incoming::Digit { stream_sid, digit } => {
                self.ours(&stream_sid)?;
                self.take(Input::Digit(digit));
            }
            Incoming::Stop { stream_sid } => {
                self.ours(&stream_sid)?;
                self.take(Input::Stopped);
            }
            Incoming::Start(_) => return Err(Refusal::SecondStart),
            Incoming::Connected | Incoming::Other => {}
        }
        Ok(())
    }

    fn ours(&self, stream_sid: &str) -> Result<(), Refusal> {
        if stream_sid == self.stream_sid {
            Ok(())
        } else {
            Err(Refusal::ForeignStream)
        }
    }

    /// Cuts what came into frames of 20 ms.
    fn audio(&mut self) {
        if self.rest.is_empty() && self.payload.len() == FRAME_SAMPLES {
            let payload = std::mem::take(&mut self.payload);
            self.frame(&payload);
            self.payload = payload;
            return;
        }
        self.rest.append(&mut self.payload);
        let whole = self.rest.len() - self.rest.len() % FRAME_SAMPLES;
        let rest = self.rest.split_off(whole);
        for frame in std::mem::replace(&mut self.rest, rest).chunks_exact(FRAME_SAMPLES) {
            self.frame(frame);
        }
    }

    fn frame(&mut self, bytes: &[u8]) {
        codec::decode(bytes, &mut self.samples);
        self.tape.push(bytes);
        let playing = self.playout.play();
        if let Some(recording) = &mut self.recording {
            recording.push(&self.samples, playing.as_ref());
        }
        let level_db = codec::level_db(&self.samples);
        let speech = self.detector.detect(&self.samples, level_db);
        if let Some((caller, agent)) = self.levels.add(level_db, playing.as_ref()) {
            self.desk.level(caller, agent);
        }
        self.take(Input::Frame(Frame { speech, level_db }));
        self.tape.forget_before(self.call.wanted_from_ms());
    }

    fn told(&mut self, told: Told) {
        let input = match told {
            Told::Recognised { utterance, text } => Input::Recognised { utterance, text },
            Told::NotRecognised { utterance } => Input::NotRecognised { utterance },
            Told::Delta { generation, delta } => Input::Model { generation, delta },
            Told::Done { generation } => Input::ModelDone { generation },
            Told::Failed { generation } => Input::ModelFailed { generation },
            Told::Tool { id, outcome } => Input::ToolDone { id, outcome },
            Told::Audio { speech, audio } => {
                self.playout.push(speech, audio);
                Input::Tick
            }
            Told::Spoken { speech } => {
                self.spoken(speech);
                match self.playout.complete(speech) {
                    Some(News::Made(speech, length_ms)) => Input::SpeechMade { speech, length_ms },
                    _ => Input::Tick,
                }
            }
            Told::Silent { speech } => {
                self.spoken(speech);
                self.playout.forget(speech);
                Input::SpeechFailed { speech }
            }
        };
        self.take(input);
        // What has ended is not kept.
        while self.work.try_join_next().is_some() {}
        while self.tools.try_join_next().is_some() {}
    }

    fn carry_out(&mut self, effect: Effect) {
        match effect {
            Effect::Recognise {
                utterance,
                from_ms,
                to_ms,
            } => {
                let what = Utterance {
                    audio: self.tape.cut(from_ms, to_ms),
                    language: self.facts.language.clone(),
                    hint: self.facts.hint.clone(),
                };
                self.work.spawn(listen::recognise(self.line.clone(), utterance, what));
            }
            Effect::Think { generation, prompt } => {
                let handle = self.work.spawn(think::answer(self.line.clone(), generation, prompt));
                self.thinking = Some((generation, handle));
            }
            Effect::CancelThinking { generation } => {
                if let Some((_, handle)) = self.thinking.take_if(|(id, _)| *id == generation) {
                    handle.abort();
                }
            }
            Effect::Say { speech, line } => {
                self.playout.expect(speech);
                self.speaking.push_back(Sentence {
                    id: speech,
                    speech: Some(line),
                    handle: None,
                });
                self.speak_ahead();
            }
            Effect::Clear => self.clear(),
            Effect::RunTool(call) => self.run_tool(call),
            Effect::LinkCaller(phone) => self.clerk.note(Note::Link(phone)),
            Effect::Heard {
                turn_id,
                speaker,
                text,
                is_final,
            } => self.clerk.note(Note::Heard(Part {
                turn_id,
                speaker,
                text,
                is_final,
            })),
            Effect::SaveTurn(turn) => self.save_turn(turn),
            Effect::Leave(leaving) => self.left = Some(leaving),
        }
    }

    /// Starts the next sentences, a few at a time.
    fn speak_ahead(&mut self) {
        for sentence in self.speaking.iter_mut().take(SPEAK_AHEAD) {
            if let Some(speech) = sentence.speech.take() {
                let work = speak::speak(self.line.clone(), sentence.id, speech);
                sentence.handle = Some(self.work.spawn(work));
            }
        }
    }

    fn spoken(&mut self, id: SpeechId) {
        self.speaking.retain(|sentence| sentence.id != id);
        self.speak_ahead();
    }

    fn clear(&mut self) {
        for handle in self.speaking.drain(..).filter_map(|sentence| sentence.handle) {
            handle.abort();
        }
        self.playout.clear(self.now());
        self.news.clear();
        self.outbox.push(self.outgoing.clear());
    }

    fn run_tool(&mut self, call: ToolCall) {
        let (desk, line) = (self.desk.clone(), self.line.clone());
        self.tools.spawn(async move {
            let id = call.id.clone();
            let name = call.name.clone();
            let Ok(outcome) = timeout(TOOL_TIME, desk.run_tool(call)).await else {
                tracing::warn!(tool = name, "a tool of the agent took too long");
                return;
            };
            let _ = line.told.send(Told::Tool { id, outcome }).await;
        });
    }

    fn save_turn(&self, turn: TurnRecord) {
        super::telemetry::turn(&self.facts, &turn);
        self.clerk.note(Note::Turn(turn));
    }

    /// Everything is written before the socket closes: what comes next on the line depends on it.
    async fn finish(mut self) -> (Option<Recording>, Arc<dyn Desk>) {
        self.work.abort_all();
        let leaving = self.left.take().unwrap_or(Leaving {
            how: conversation::call::Exit::HungUp,
            wants_person: false,
            wants_callback: false,
            spoke: false,
        });
        if self.playout.underruns > 0 {
            metrics::counter!("voice_underruns_total").increment(self.playout.underruns.into());
        }
        let tools = std::mem::take(&mut self.tools);
        drop(self.line);
        if timeout(LAST_TOOLS, tools.join_all()).await.is_err() {
            tracing::warn!("a tool of the agent was still running when the call ended");
        }
        self.clerk.finish().await;
        super::telemetry::left(&self.facts, &leaving, self.started.elapsed());
        self.desk.leave(leaving).await;
        (self.recording, self.desk)
    }
}
