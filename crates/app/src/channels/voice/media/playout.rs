//! The agent's audio on its way out: whole 20 ms frames, a bounded lead over what is being played, and marks.
//!
//! The lead is what survives a late wake-up without a gap; it is short enough that nothing much has to be taken back.

use std::collections::VecDeque;

use bytes::Bytes;
use contracts::audio::FRAME_SAMPLES;
use conversation::call::{Mark, Ms, Place, SpeechId};

use super::codec::SILENCE;

/// Audio that is sent ahead of what is being played.
const LEAD_MS: Ms = 320;
/// It is filled up again when it has fallen to this, several frames at a time.
const REFILL_MS: Ms = 220;
/// A mark inside a sentence every so often, to know what was heard.
const MARK_EVERY_MS: Ms = 500;
const FRAME_MS: Ms = 20;

/// What goes to the line.
pub enum Piece {
    Frame([u8; FRAME_SAMPLES]),
    Mark(Mark),
}

/// What the conversation learns.
#[derive(Debug, PartialEq, Eq)]
pub enum News {
    Started(SpeechId),
    Made(SpeechId, Ms),
}

struct Sentence {
    id: SpeechId,
    audio: VecDeque<Bytes>,
    /// Nothing will be added.
    complete: bool,
    sent_ms: Ms,
    total: usize,
    told: bool,
}

#[derive(Default)]
pub struct Playout {
    queue: VecDeque<Sentence>,
    /// When all that was sent will have been played.
    played_at: Ms,
    /// Frames as they went out, until they are played.
    playing: VecDeque<[u8; FRAME_SAMPLES]>,
    /// Gaps in the middle of a sentence.
    pub underruns: u32,
}

impl Playout {
    /// Expects a sentence after those that wait.
    pub fn expect(&mut self, id: SpeechId) {
        self.queue.push_back(Sentence {
            id,
            audio: VecDeque::new(),
            complete: false,
            sent_ms: 0,
            total: 0,
            told: false,
        });
    }

    pub fn push(&mut self, id: SpeechId, audio: Bytes) {
        if let Some(sentence) = self.queue.iter_mut().find(|sentence| sentence.id == id) {
            sentence.total += audio.len();
            sentence.audio.push_back(audio);
        }
    }

    /// The sentence is whole.
    pub fn complete(&mut self, id: SpeechId) -> Option<News> {
        let sentence = self.queue.iter_mut().find(|sentence| sentence.id == id)?;
        sentence.complete = true;
        Some(News::Made(id, ms_of(sentence.total)))
    }

    /// The sentence will not come.
    pub fn forget(&mut self, id: SpeechId) {
        self.queue.retain(|sentence| sentence.id != id);
    }

    /// Drops everything, also what the line has not played yet.
    pub fn clear(&mut self, now: Ms) {
        self.queue.clear();
        self.playing.clear();
        self.played_at = now;
    }

    /// Whether a wake-up is needed to keep the line fed.
    pub fn is_idle(&self) -> bool {
        self.queue.is_empty()
    }

    /// What is to be sent now.
    pub fn pump(&mut self, now: Ms, pieces: &mut Vec<Piece>, news: &mut Vec<News>) {
        if self.queue.is_empty() || self.played_at >= now + REFILL_MS {
            return;
        }
        while self.played_at < now + LEAD_MS && self.send_one(now, pieces, news) {}
    }

    /// Sends the next frame, or ends a sentence. `false` when there is nothing to send.
    fn send_one(&mut self, now: Ms, pieces: &mut Vec<Piece>, news: &mut Vec<News>) -> bool {
        let Some(sentence) = self.queue.front_mut() else {
            return false;
        };
        let Some(frame) = sentence.next_frame() else {
            if sentence.complete {
                let speech = sentence.id;
                self.queue.pop_front();
                pieces.push(Piece::Mark(Mark {
                    speech,
                    place: Place::End,
                }));
                return true;
            }
            return false;
        };
        if self.played_at < now {
            self.underruns += u32::from(sentence.told);
            self.played_at = now;
        }
        if !std::mem::replace(&mut sentence.told, true) {
            news.push(News::Started(sentence.id));
        }
        sentence.sent_ms += FRAME_MS;
        self.played_at += FRAME_MS;
        self.playing.push_back(frame);
        pieces.push(Piece::Frame(frame));
        if sentence.sent_ms % MARK_EVERY_MS == 0 {
            pieces.push(Piece::Mark(Mark {
                speech: sentence.id,
                place: Place::At(sentence.sent_ms),
            }));
        }
        true
    }

    /// The frame that the line plays in these 20 ms; `None` for silence.
    pub fn play(&mut self) -> Option<[u8; FRAME_SAMPLES]> {
        self.playing.pop_front()
    }
}

impl Sentence {
    /// A whole frame; the last one is filled up with silence.
    fn next_frame(&mut self) -> Option<[u8; FRAME_SAMPLES]> {
        let available: usize = self.audio.iter().map(Bytes::len).sum();
        if available == 0 || (available < FRAME_SAMPLES && !self.complete) {
            return None;
        }
        let mut frame = [SILENCE; FRAME_SAMPLES];
        let mut filled = 0;
        while filled < FRAME_SAMPLES
            && let Some(chunk) = self.audio.front_mut()
        {
            let taken = chunk.split_to(chunk.len().min(FRAME_SAMPLES - filled));
            if let Some(place) = frame.get_mut(filled..filled + taken.len()) {
                place.copy_from_slice(&taken);
            }
            filled += taken.len();
            if chunk.is_empty() {
                self.audio.pop_front();
            }
        }
        Some(frame)
    }
}

fn ms_of(bytes: usize) -> Ms {
    let frames = bytes.div_ceil(FRAME_SAMPLES);
    Ms::try_from(frames).unwrap_or(Ms::MAX).saturating_mul(FRAME_MS)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pump(playout: &mut Playout, now: Ms) -> (usize, Vec<Mark>, Vec<News>) {
        let (mut pieces, mut news) = (Vec::new(), Vec::new());
        playout.pump(now, &mut pieces, &mut news);
        let frames = pieces.iter().filter(|piece| matches!(piece, Piece::Frame(_))).count();
        let marks = pieces
            .iter()
            .filter_map(|piece| match piece {
                Piece::Mark(mark) => Some(*mark),
                Piece::Frame(_) => None,
            })
            .collect();
        (frames, marks, news)
    }

    #[test]
    fn the_lead_is_bounded_and_kept() {
        let mut playout = Playout::default();
        playout.expect(1);
        playout.push(1, Bytes::from(vec![1; 160 * 100]));
        assert_eq!(playout.complete(1), Some(News::Made(1, 2_000)));
        let (frames, _, news) = pump(&mut playout, 1_000);
        assert_eq!((frames, news), (16, vec![News::Started(1)]));
        let mut sent = frames;
        for now in (1_020..2_900).step_by(20) {
            sent += pump(&mut playout, now).0;
            let ahead = (Ms::try_from(sent).expect("few") * 20 + 1_000).saturating_sub(now);
            assert!(
                ahead <= LEAD_MS + FRAME_MS && (ahead >= REFILL_MS - FRAME_MS || sent == 100),
                "{ahead}"
            );
        }
        assert_eq!((sent, playout.underruns), (100, 0));
    }

    #[test]
    fn sentences_follow_one_another_and_end_with_their_mark_in_whole_frames() {
        let mut playout = Playout::default();
        playout.expect(1);
        playout.expect(2);
        playout.push(2, Bytes::from_static(&[2; 160]));
        assert_eq!(pump(&mut playout, 0).0, 0, "the first sentence is waited for");
        playout.push(1, Bytes::from_static(&[1; 100]));
        assert_eq!(pump(&mut playout, 0).0, 0, "no partial frame while more may come");
        playout.complete(1);
        playout.complete(2);
        let (frames, marks, news) = pump(&mut playout, 0);
        assert_eq!(frames, 2);
        assert_eq!(marks.iter().map(|mark| mark.speech).collect::<Vec<_>>(), [1, 2]);
        assert_eq!(news, [News::Started(1), News::Started(2)]);
        assert_eq!(playout.play().map(|frame| (frame[0], frame[159])), Some((1, SILENCE)));
    }

    #[test]
    fn a_clear_takes_back_what_was_not_played() {
        let mut playout = Playout::default();
        playout.expect(1);
        playout.push(1, Bytes::from(vec![1; 1_600]));
        pump(&mut playout, 0);
        playout.clear(40);
        assert!(playout.play().is_none() && playout.is_idle());
        playout.push(1, Bytes::from(vec![1; 1_600]));
        assert_eq!(
            pump(&mut playout, 60).0,
            0,
            "late audio of a cleared sentence is dropped"
        );
    }
}
