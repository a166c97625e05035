//! `<Connect><Stream>`: the media socket, from Twilio's end of it.

use std::time::{Duration, Instant};

use futures::{SinkExt, StreamExt};
use tokio::{
    net::TcpStream,
    time::{sleep_until, timeout},
};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async_with_config,
    tungstenite::{
        self, Message,
        client::IntoClientRequest,
        protocol::{CloseFrame, WebSocketConfig, frame::coding::CloseCode},
    },
};
use url::Url;

use super::{
    caller::{Caller, Doing},
    follow::{After, action, last_action},
    line::{Break, Flow, Line},
    player::Player,
    tape::Side,
};
use crate::{
    audio::{FRAME_MS, from_mulaw},
    report::{Ears, Pace},
    twilio::{
        forms::with,
        media::{self, Incoming, Outgoing},
        sids::sid,
        sign::signature,
        trouble::{
            self, STREAM_CLOSED, STREAM_HANDSHAKE, STREAM_MESSAGE, STREAM_PROTOCOL, STREAM_REFUSED, STREAM_TIMEOUT,
            Trouble,
        },
        twiml::{Callback, Stream},
    },
};

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

const CONNECT_LIMIT: Duration = Duration::from_secs(10);
const CLOSE_LIMIT: Duration = Duration::from_secs(2);
const LARGEST_MESSAGE: usize = 1 << 20;
const SMALL_BUFFER: usize = 8 << 10;
const FRAME_US: u64 = FRAME_MS * 1_000;

pub async fn connect(line: &mut Line, callback: Callback, stream: Stream) -> Flow<After> {
    line.note(format!("Connect {}", stream.url));
    let stream_sid = sid("MZ");
    let name = stream.name.clone().unwrap_or_else(|| stream_sid.clone());
    let begun = Instant::now();
    let socket = match open(line, &stream).await {
        Ok(socket) => socket,
        Err(trouble) => {
            let message = trouble.to_string();
            line.trouble(trouble);
            status(line, &stream, &stream_sid, &name, "stream-error", Some(&message)).await;
            return Ok(ended(line, &callback, &stream_sid, "in-progress", Some(&message)));
        }
    };
    let upgrade_ms = begun.elapsed().as_secs_f64() * 1_000.0;
    status(line, &stream, &stream_sid, &name, "stream-started", None).await;
    let finished = Session::begin(line, stream_sid.clone())
        .run(line, socket, &stream, upgrade_ms)
        .await;
    status(line, &stream, &stream_sid, &name, "stream-stopped", None).await;
    match finished {
        Ok(()) => Ok(ended(line, &callback, &stream_sid, "in-progress", None)),
        Err(Break::CallerHungUp) => {
            let after = ended(line, &callback, &stream_sid, "completed", None);
            last_action(line, after).await;
            Err(Break::CallerHungUp)
        }
        Err(broken) => Err(broken),
    }
}

fn ended(line: &Line, callback: &Callback, stream_sid: &str, status: &str, error: Option<&str>) -> After {
    let mut fields = with(line.plan.parties.call(status), [("StreamSid", stream_sid.to_owned())]);
    if let Some(error) = error {
        fields.push(("StreamError".to_owned(), error.to_owned()));
    }
    action("stream_ended", callback, fields)
}

/// Twilio does not wait for what the status callback answers; here it is awaited, so that the report has it.
async fn status(line: &mut Line, stream: &Stream, sid: &str, name: &str, event: &str, error: Option<&str>) {
    let Some(reference) = stream.status_callback.clone() else {
        return;
    };
    let fields = line.plan.parties.stream(sid, name, event, error, &line.timestamp());
    line.tell("stream_status", &reference, stream.status_method, &fields)
        .await;
}

/// Checks the address as Twilio does, and opens the socket.
async fn open(line: &Line, stream: &Stream) -> Result<Socket, Trouble> {
    let url = Url::parse(&stream.url)
        .map_err(|error| Trouble::new(trouble::INVALID_URL, format!("<Stream> url {:?}: {error}", stream.url)))?;
    if url.scheme() != "wss" && !(url.scheme() == "ws" && is_loopback(&url)) {
        return Err(Trouble::new(STREAM_PROTOCOL, format!("<Stream> url is not wss: {url}")));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(Trouble::new(
            STREAM_HANDSHAKE,
            format!("<Stream> url with a query: {url}"),
        ));
    }
    let manner = line.poster().manner();
    let refused = |message: String| Trouble::new(STREAM_REFUSED, format!("{url}: {message}"));
    let reached = reach(&url, &manner.public_base, &manner.server);
    let mut request = reached
        .as_str()
        .into_client_request()
        .map_err(|error| refused(error.to_string()))?;
    let signed = signature(&manner.auth_token, url.as_str(), &[]);
    let value = signed
        .parse()
        .map_err(|_| refused("the signature is no header".to_owned()))?;
    request.headers_mut().insert("X-Twilio-Signature", value);
    let config = WebSocketConfig::default()
        .read_buffer_size(SMALL_BUFFER)
        .write_buffer_size(0)
        .max_write_buffer_size(LARGEST_MESSAGE)
        .max_message_size(Some(LARGEST_MESSAGE))
        .max_frame_size(Some(LARGEST_MESSAGE));
    match timeout(CONNECT_LIMIT, connect_async_with_config(request, Some(config), true)).await {
        Err(_) => Err(Trouble::new(
            STREAM_TIMEOUT,
            format!("{url}: no answer in {} s", CONNECT_LIMIT.as_secs()),
        )),
        Ok(Err(tungstenite::Error::Http(answer))) => Err(Trouble::new(
            STREAM_HANDSHAKE,
            format!("{url}: the upgrade was answered with {}", answer.status()),
        )),
        Ok(Err(error)) => Err(refused(error.to_string())),
        Ok(Ok((socket, _))) => Ok(socket),
    }
}

/// Where the server really listens, for a URL under its public name.
fn reach(url: &Url, public: &Url, server: &Url) -> Url {
    if url.host() != public.host() || url.port_or_known_default() != public.port_or_known_default() {
        return url.clone();
    }
    let mut reached = server.clone();
    let scheme = if server.scheme() == "https" { "wss" } else { "ws" };
    if reached.set_scheme(scheme).is_err() {
        return url.clone();
    }
    reached.set_path(url.path());
    reached
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

/// One socket while it is open.
struct Session {
    stream_sid: String,
    out: Outgoing,
    player: Player,
    ears: Ears,
    pace: Pace,
    caller: Caller,
    opened_us: u64,
    frames: u64,
}

/// Who ended it.
enum Over {
    Server { code: Option<u16>, reason: String },
    Here(Break),
}

impl Session {
    fn begin(line: &mut Line, stream_sid: String) -> Self {
        let now_us = line.now_us();
        let options = line.plan.options;
        let steps = std::mem::take(&mut line.steps);
        Self {
            out: Outgoing::new(&stream_sid),
            stream_sid,
            player: Player::default(),
            ears: Ears::new(now_us, options.voice_window_ms, options.silence_window_ms),
            pace: Pace::default(),
            caller: Caller::new(steps, line.plan.manners, now_us, line.greeted),
            opened_us: now_us,
            frames: 0,
        }
    }

    async fn run(mut self, line: &mut Line, mut socket: Socket, stream: &Stream, upgrade_ms: f64) -> Flow {
        self.ears.report.stream_sid.clone_from(&self.stream_sid);
        self.ears.report.opened_at_ms = self.opened_us / 1_000;
        self.ears.report.upgrade_ms = upgrade_ms;
        let start = self.out.start(&line.plan.parties, stream);
        let mut over = self.say(&mut socket, Outgoing::connected()).await;
        over = over.or(self.say(&mut socket, start).await);
        // Frames are due from now on, however long the callbacks before took.
        self.opened_us = line.now_us();
        let over = match over {
            Some(over) => over,
            None => self.talk(line, &mut socket).await,
        };
        self.close(line, socket, over).await
    }

    async fn talk(&mut self, line: &mut Line, socket: &mut Socket) -> Over {
        // One timer for the whole stream, moved only when the next frame or mark is due at another time.
        let sleep = sleep_until(line.instant(self.opened_us));
        tokio::pin!(sleep);
        loop {
            let frame_us = self.opened_us + self.frames * FRAME_US;
            let wake_us = self
                .player
                .next_mark_us()
                .map_or(frame_us, |mark_us| mark_us.min(frame_us));
            let wake = line.instant(wake_us);
            if sleep.deadline() != wake {
                sleep.as_mut().reset(wake);
            }
            let over = tokio::select! {
                biased;
                () = sleep.as_mut() => self.tick(line, socket, frame_us).await,
                message = socket.next() => self.receive(line, socket, message).await,
                Some(order) = line.next_order() => Some(Over::Here(Break::Ordered(order))),
            };
            if let Some(over) = over {
                return over;
            }
        }
    }

    async fn tick(&mut self, line: &mut Line, socket: &mut Socket, frame_us: u64) -> Option<Over> {
        let now_us = line.now_us();
        for name in self.player.reached(now_us) {
            let message = self.out.mark(&name);
            if let Some(over) = self.say(socket, message).await {
                return Some(over);
            }
        }
        if now_us < frame_us {
            return None;
        }
        if line.is_to_hang_up() {
            return Some(Over::Here(Break::CallerHungUp));
        }
        let agent = self.ears.agent(now_us);
        let at_ms = self.frames * FRAME_MS;
        let message = match self.caller.next(now_us, agent) {
            Doing::HangUp => return Some(Over::Here(Break::CallerHungUp)),
            Doing::Silent => self.out.media(at_ms, None),
            Doing::Pressing(digit) => {
                line.note(format!("pressed {digit}"));
                let pressed = self.out.dtmf(digit);
                if let Some(over) = self.say(socket, pressed).await {
                    return Some(over);
                }
                self.out.media(at_ms, None)
            }
            Doing::Speaking {
                frame,
                first,
                last,
                text,
            } => {
                if first {
                    self.ears.voice_begins(now_us, &text, self.caller.barging_in);
                }
                if line.tape.is_kept() {
                    line.hear(Side::Caller, frame_us, &from_mulaw(&frame));
                }
                let message = self.out.media(at_ms, Some(&frame));
                if last {
                    self.ears.voice_ends(now_us);
                }
                message
            }
        };
        let over = self.say(socket, message).await;
        self.frames += 1;
        self.pace.sent(line.now_us().saturating_sub(frame_us));
        over
    }

    async fn receive(
        &mut self,
        line: &mut Line,
        socket: &mut Socket,
        message: Option<Result<Message, tungstenite::Error>>,
    ) -> Option<Over> {
        let text = match message {
            Some(Ok(Message::Text(text))) => text,
            Some(Ok(Message::Close(frame))) => {
                let (code, reason) =
                    frame.map_or((None, String::new()), |f| (Some(f.code.into()), f.reason.to_string()));
                return Some(Over::Server { code, reason });
            }
            Some(Ok(Message::Binary(_))) => {
                line.trouble(Trouble::new(STREAM_MESSAGE, "a binary message"));
                return None;
            }
            Some(Ok(_)) => return None,
            Some(Err(error)) => {
                return Some(Over::Server {
                    code: None,
                    reason: error.to_string(),
                });
            }
            None => {
                return Some(Over::Server {
                    code: None,
                    reason: "no close frame".to_owned(),
                });
            }
        };
        let now_us = line.now_us();
        match media::read(&text, &self.stream_sid) {
            Ok(Incoming::Media(mulaw)) => {
                let samples = from_mulaw(&mulaw);
                let placed = self.player.media(now_us, samples.len());
                line.hear(Side::Agent, placed.begins_us, &samples);
                self.ears.media(now_us, &samples, placed);
            }
            Ok(Incoming::Mark(name)) => {
                self.ears.report.marks += 1;
                self.player.mark(now_us, name);
            }
            Ok(Incoming::Clear) => {
                let cleared = self.player.clear(now_us);
                line.tape.cut(Side::Agent, now_us);
                self.ears.cleared(now_us, &cleared);
                for name in cleared.marks {
                    let message = self.out.mark(&name);
                    if let Some(over) = self.say(socket, message).await {
                        return Some(over);
                    }
                }
            }
            Err(trouble) => line.trouble(trouble),
        }
        None
    }

    async fn say(&mut self, socket: &mut Socket, text: String) -> Option<Over> {
        let sent = socket.send(Message::text(text)).await;
        sent.err().map(|error| Over::Server {
            code: None,
            reason: error.to_string(),
        })
    }

    async fn close(mut self, line: &mut Line, mut socket: Socket, over: Over) -> Flow {
        let now_us = line.now_us();
        self.ears.report.unheard_at_close_ms = crate::audio::to_ms(self.player.clear(now_us).dropped_us);
        line.tape.cut(Side::Agent, now_us);
        self.ears.report.frames_sent = self.frames;
        let flow = match over {
            Over::Server { code, reason } => {
                line.trouble(Trouble::new(
                    STREAM_CLOSED,
                    format!("the server closed the stream: {code:?} {reason}"),
                ));
                "server".clone_into(&mut self.ears.report.closed_by);
                self.ears.report.close_code = code;
                self.ears.report.close_reason = reason;
                Ok(())
            }
            Over::Here(broken) => {
                "twilio".clone_into(&mut self.ears.report.closed_by);
                let stop = self.out.stop(&line.plan.parties);
                let _ = self.say(&mut socket, stop).await;
                Err(broken)
            }
        };
        let frame = CloseFrame {
            code: CloseCode::Normal,
            reason: "".into(),
        };
        let _ = timeout(CLOSE_LIMIT, socket.close(Some(frame))).await;
        line.steps = self.caller.into_steps();
        line.pace.add(&self.pace);
        let mut report = self.ears.finish();
        report.pace = self.pace.report();
        line.report.stream = Some(report);
        flow
    }
}
