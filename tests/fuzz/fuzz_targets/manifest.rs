#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| podium::cli::fuzz::manifest(data));
