#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzz::meta_webhook(data));
