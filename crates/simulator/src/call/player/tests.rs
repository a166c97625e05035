use super::*;

const MS: u64 = 1_000;

#[test]
fn audio_is_heard_in_order_without_holes() {
    let mut player = Player::default();
    let first = player.media(100 * MS, 160);
    let second = player.media(105 * MS, 320);
    assert_eq!(
        (first.begins_us, first.ends_us, first.silent_us),
        (100 * MS, 120 * MS, None)
    );
    assert_eq!(
        (second.begins_us, second.ends_us, second.silent_us),
        (120 * MS, 160 * MS, None)
    );
    assert!(player.is_playing(159 * MS));
    assert!(!player.is_playing(160 * MS));
}

#[test]
fn a_mark_comes_back_when_the_audio_before_it_was_heard() {
    let mut player = Player::default();
    player.media(0, 160);
    player.mark(1, "one".to_owned());
    player.media(2, 160);
    player.mark(3, "two".to_owned());
    assert_eq!(player.next_mark_us(), Some(20 * MS));
    assert_eq!(player.reached(19 * MS), Vec::<String>::new());
    assert_eq!(player.reached(20 * MS), ["one"]);
    assert_eq!(player.reached(40 * MS), ["two"]);
    assert_eq!(player.next_mark_us(), None);
}

#[test]
fn a_mark_with_nothing_before_it_comes_back_at_once() {
    let mut player = Player::default();
    player.mark(7, "empty".to_owned());
    assert_eq!(player.reached(7), ["empty"]);
}

#[test]
fn clear_drops_what_was_not_heard_and_gives_all_marks_back() {
    let mut player = Player::default();
    player.media(0, 1_600);
    player.mark(0, "one".to_owned());
    player.media(0, 1_600);
    player.mark(0, "two".to_owned());
    let cleared = player.clear(150 * MS);
    assert_eq!(
        cleared,
        Cleared {
            dropped_us: 250 * MS,
            marks: vec!["one".to_owned(), "two".to_owned()]
        }
    );
    assert!(!player.is_playing(150 * MS));
    assert_eq!(player.clear(151 * MS), Cleared::default());
    let next = player.media(200 * MS, 160);
    assert_eq!(
        (next.begins_us, next.silent_us, next.after_mark),
        (200 * MS, Some(50 * MS), true)
    );
}

#[test]
fn a_queue_that_ran_dry_is_noticed_with_or_without_a_mark() {
    let mut player = Player::default();
    player.media(0, 160);
    let late = player.media(90 * MS, 160);
    assert_eq!((late.silent_us, late.after_mark), (Some(70 * MS), false));
    player.mark(91 * MS, "sentence".to_owned());
    let next = player.media(200 * MS, 160);
    assert_eq!((next.silent_us, next.after_mark), (Some(90 * MS), true));
}

#[test]
fn parts_of_frames_are_noticed() {
    assert!(whole_frames(160) && whole_frames(1_600));
    assert!(!whole_frames(0) && !whole_frames(100));
}
