//! The stream's own recording: a stereo WAV (caller left, agent right as it was heard), written to disk while the call
//! runs, so that a process which is killed loses no more than the last second.
//!
//! Taking a file over, and repairing one that was left behind, is `calls`' work.

use std::{
    fs::{File, OpenOptions},
    io::{self, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

use bytes::Bytes;
use contracts::audio::{FRAME_SAMPLES, RATE_HZ};
use tokio::task::JoinHandle;

use super::codec::{self, Samples};

const HEADER_BYTES: u32 = 44;
const CHANNELS: u16 = 2;
const BYTES_PER_SAMPLE: u16 = 2;
/// Written at a time: one second.
const CHUNK_BYTES: usize = 32_000;
/// What waits for a slow disk at most; then the recording ends there.
const MOST_WAITING_BYTES: usize = 10 * CHUNK_BYTES;

/// A recording in the making.
pub struct Recording {
    path: PathBuf,
    waiting: Vec<u8>,
    writing: Option<JoinHandle<io::Result<File>>>,
    file: Option<File>,
    frames: u64,
    failed: bool,
}

impl Recording {
    /// `name` must be a plain file name without its end. `before` is what the agent said before the stream was opened: mu-law.
    pub fn begin(directory: &Path, name: &str, before: Bytes) -> Self {
        let name: String = name
            .chars()
            .filter(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_'))
            .collect();
        let path = directory.join(format!("{name}.wav"));
        let target = path.clone();
        Self {
            path,
            waiting: Vec::with_capacity(CHUNK_BYTES),
            writing: Some(tokio::task::spawn_blocking(move || create(&target, &before))),
            file: None,
            frames: 0,
            failed: false,
        }
    }

    /// Adds 20 ms of both sides.
    pub fn push(&mut self, caller: &Samples, agent: Option<&[u8; FRAME_SAMPLES]>) {
        self.frames += 1;
        if self.failed {
            return;
        }
        let mut agent_samples = [0; FRAME_SAMPLES];
        if let Some(agent) = agent {
            codec::decode(agent, &mut agent_samples);
        }
        for (left, right) in caller.iter().zip(&agent_samples) {
            self.waiting.extend_from_slice(&left.to_le_bytes());
            self.waiting.extend_from_slice(&right.to_le_bytes());
        }
        if self.waiting.len() >= CHUNK_BYTES {
            self.write_if_free();
        }
    }

    /// Starts the next write, unless one is under way.
    fn write_if_free(&mut self) {
        if let Some(writing) = self.writing.take_if(|writing| writing.is_finished()) {
            // It has ended, so this does not wait.
            match futures::FutureExt::now_or_never(writing) {
                Some(Ok(Ok(file))) => self.file = Some(file),
                _ => return self.fail("the disk refused it"),
            }
        }
        if let Some(mut file) = self.file.take() {
            let chunk = std::mem::replace(&mut self.waiting, Vec::with_capacity(CHUNK_BYTES));
            self.writing = Some(tokio::task::spawn_blocking(move || {
                file.write_all(&chunk)?;
                Ok(file)
            }));
        } else if self.waiting.len() > MOST_WAITING_BYTES {
            self.fail("the disk is too slow");
        }
    }

    fn fail(&mut self, why: &str) {
        self.failed = true;
        self.waiting = Vec::new();
        metrics::counter!("voice_recordings_lost_total").increment(1);
        tracing::error!(why, file = %self.path.display(), "the recording of a call stops here");
    }

    /// Writes the rest and the true header. `None` when there is nothing worth keeping.
    pub async fn finish(mut self) -> Option<PathBuf> {
        if let Some(writing) = self.writing.take() {
            self.file = writing.await.ok().and_then(Result::ok);
        }
        let (file, rest, path) = (self.file.take()?, std::mem::take(&mut self.waiting), self.path.clone());
        let empty = self.frames == 0;
        let closed = tokio::task::spawn_blocking(move || close(file, &rest)).await;
        match closed {
            Ok(Ok(())) if !empty => Some(self.path),
            Ok(Ok(())) => {
                let _ = tokio::fs::remove_file(&path).await;
                None
            }
            Ok(Err(err)) => {
                tracing::error!(error = %err, "the recording of a call could not be closed");
                Some(self.path)
            }
            Err(_) => None,
        }
    }
}

fn create(path: &Path, before: &[u8]) -> io::Result<File> {
    if let Some(directory) = path.parent() {
        std::fs::create_dir_all(directory)?;
    }
    let fresh = path.with_extension("new");
    let mut file = OpenOptions::new().write(true).create_new(true).open(&fresh)?;
    // Held until the file is closed or this process ends, so that no other process takes it for one left behind.
    if let Err(err) = file.lock() {
        tracing::warn!(error = %err, "the recording of a call is not locked");
    }
    file.write_all(&header(0))?;
    let mut stereo = Vec::with_capacity(CHUNK_BYTES);
    for second in before.chunks(CHUNK_BYTES / usize::from(CHANNELS * BYTES_PER_SAMPLE)) {
        stereo.clear();
        for agent in codec::decode_all(second.iter().copied()) {
            stereo.extend_from_slice(&0_i16.to_le_bytes());
            stereo.extend_from_slice(&agent.to_le_bytes());
        }
        file.write_all(&stereo)?;
    }
    std::fs::rename(&fresh, path)?;
    Ok(file)
}

fn close(mut file: File, rest: &[u8]) -> io::Result<()> {
    file.write_all(rest)?;
    let data = file.stream_position()?.saturating_sub(u64::from(HEADER_BYTES));
    file.seek(SeekFrom::Start(0))?;
    file.write_all(&header(u32::try_from(data).unwrap_or(u32::MAX - HEADER_BYTES)))?;
    file.sync_all()
}

/// A canonical 44-byte header of 16-bit PCM.
fn header(data_bytes: u32) -> Vec<u8> {
    let block = CHANNELS * BYTES_PER_SAMPLE;
    let mut header = Vec::with_capacity(44);
    header.extend_from_slice(b"RIFF");
    header.extend_from_slice(&(HEADER_BYTES - 8).saturating_add(data_bytes).to_le_bytes());
    header.extend_from_slice(b"WAVEfmt ");
    header.extend_from_slice(&16_u32.to_le_bytes());
    header.extend_from_slice(&1_u16.to_le_bytes());
    header.extend_from_slice(&CHANNELS.to_le_bytes());
    header.extend_from_slice(&RATE_HZ.to_le_bytes());
    header.extend_from_slice(&(RATE_HZ * u32::from(block)).to_le_bytes());
    header.extend_from_slice(&block.to_le_bytes());
    header.extend_from_slice(&(BYTES_PER_SAMPLE * 8).to_le_bytes());
    header.extend_from_slice(b"data");
    header.extend_from_slice(&data_bytes.to_le_bytes());
    header
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_recording_is_a_wav_with_the_caller_left_and_the_agent_right() {
        let directory = std::env::temp_dir().join(format!("recording-{}", uuid::Uuid::new_v4()));
        let greeting = Bytes::from(codec::encode_all(&vec![4_000; 12_000]));
        let mut recording = Recording::begin(&directory, "CA1/../x.7", greeting);
        for n in 0..120 {
            let agent = [codec::encode_all(&[2_000])[0]; FRAME_SAMPLES];
            recording.push(&[1_000; FRAME_SAMPLES], (n >= 60).then_some(&agent));
            tokio::task::yield_now().await;
        }
        let path = recording.finish().await.expect("a file");
        assert_eq!(path, directory.join("CA1..x.7.wav"));
        let mut reader = hound::WavReader::open(&path).expect("a wav");
        assert_eq!(
            (reader.spec().channels, reader.spec().sample_rate, reader.duration()),
            (2, 8_000, 12_000 + 19_200)
        );
        let samples: Vec<i16> = reader.samples().map(|sample| sample.expect("a sample")).collect();
        assert!(samples[0] == 0 && samples[1] > 3_800, "the greeting comes first");
        assert_eq!(samples[24_000..24_002], [1_000, 0]);
        assert!(samples[samples.len() - 1] > 1_900);
        std::fs::remove_dir_all(directory).expect("cleaned");
    }
}
