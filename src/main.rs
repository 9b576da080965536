//! The program: parses the command line, calls it, and gives its exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    podium::cli::run()
}
