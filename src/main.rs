//! The binary: reads the command line and hands over.

/// Pages and imports ask for many small pieces of memory: a quarter of a page's time went to the system's allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    vekha::cli::main()
}
