//! The router in Rust, with nothing but the standard library: two threads for each client.
//!
//!     cargo run --release -- [port]        or the environment variable SWITCHYARD_PORT; default 7000
//!
//! It keeps sections 1 to 5 of docs/protocol.md. Limits are environment variables, such as SWITCHYARD_MESSAGE_BYTES_MAX.
//!
//! Idea   A reader for each client cuts its stream into messages and puts each into its destination's queue; a writer for
//!        each client empties that. Who puts something into a queue that is full waits until it is not: the sender, and
//!        nobody else.
//! Read   from `main` down.

use std::collections::HashMap;
use std::env;
use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;
use std::process;
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread;
use std::time::{Duration, Instant};

const READ_BYTES: usize = 64 * 1024;
const ID_BYTES: usize = 4;
const STACK_BYTES: usize = 128 * 1024;
/// A writer that has got rid of nothing for so long, when stalled clients have had their time, is stalled.
const STALL: Duration = Duration::from_millis(50);

fn main() {
    let limits = Limits::from_environment();
    let port_text = env::args().nth(1).or_else(|| env::var("SWITCHYARD_PORT").ok());
    let port = number_from("the port", &port_text.unwrap_or("7000".into()), 0, 65_535) as u16;
    let signals = catch_signals();
    let listener = TcpListener::bind(("127.0.0.1", port)).unwrap_or_else(|error| {
        eprintln!("Can't listen on port {port}: {error}. Choose another one.");
        process::exit(1)
    });
    let address = listener.local_addr().expect("a listener has an address");
    println!("listens on {address}");

    let server = Arc::new(Server::new(limits));
    let accepting = {
        let server = Arc::clone(&server);
        thread::spawn(move || server.accept_all(listener))
    };
    wait_for_signal(signals);
    let began = Instant::now();
    server.stopping.store(true, Ordering::SeqCst);
    let _ = TcpStream::connect(address); // Wakes up who accepts; who fails to connect has nobody to wake.
    accepting.join().expect("accepting does not panic");
    server.shut_down(began);
}

// The server ----------------------------------------------------------------------------------------------------------

struct Server {
    limits: Limits,
    /// Nothing that is read from now on is routed.
    stopping: AtomicBool,
    state: Mutex<State>,
    /// Some of `state` has changed that somebody may wait for.
    changed: Condvar,
}

#[derive(Default)]
struct State {
    last_id: u32,
    /// All whose socket is not closed yet; those that are `open` receive messages.
    clients: HashMap<u32, Arc<Client>>,
    /// Readers that have read something and not yet routed it.
    routing: usize,
    /// Bytes held in all queues, and in all unfinished messages.
    queued_bytes: usize,
    input_bytes: usize,
    inputs: HashMap<u32, usize>,
}

impl Server {
    fn new(limits: Limits) -> Self {
        Server { limits, stopping: AtomicBool::new(false), state: Mutex::default(), changed: Condvar::new() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("nobody panics with the lock")
    }

    fn stops(&self) -> bool {
        self.stopping.load(Ordering::SeqCst)
    }

    fn accept_all(self: Arc<Self>, listener: TcpListener) {
        for accepted in listener.incoming() {
            if self.stops() {
                return;
            }
            match accepted {
                Ok(stream) => self.admit(stream),
                // No file descriptors are left, most likely: whoever knocks waits.
                Err(_) => thread::sleep(Duration::from_millis(10)),
            }
        }
    }

    /// Gives an id, or drops the connection: too many are open, or the ids have run out.
    fn admit(self: &Arc<Self>, stream: TcpStream) {
        let limits = &self.limits;
        let deadline = Duration::from_millis(limits.write_deadline_ms as u64);
        if stream.set_nodelay(true).and(stream.set_write_timeout(Some(deadline))).is_err() {
            return;
        }
        let mut state = self.state();
        if state.clients.len() >= limits.connections_max || state.last_id as usize >= limits.ids_max {
            return;
        }
        state.last_id += 1; // Never given again (R2.1).
        let id = state.last_id;
        let client = Arc::new(Client { id, stream, queue: Mutex::default(), changed: Condvar::new() });
        client.queue().bytes.extend(id.to_be_bytes());
        state.queued_bytes += ID_BYTES;
        state.clients.insert(id, Arc::clone(&client));
        drop(state);
        let started = self.start(&client, Server::write_all).and_then(|()| self.start(&client, Server::read_all));
        if started.is_err() {
            client.abort(); // No threads are left. A writer that has started forgets it; one that has not can't.
            self.forget(&client);
        }
    }

    fn start(self: &Arc<Self>, client: &Arc<Client>, task: fn(&Server, &Client)) -> std::io::Result<()> {
        let (server, client) = (Arc::clone(self), Arc::clone(client));
        let started = thread::Builder::new().stack_size(STACK_BYTES).spawn(move || task(&server, &client));
        started.map(|_| ())
    }

    // Reading and routing ---------------------------------------------------------------------------------------------

    fn read_all(&self, client: &Client) {
        let mut chunk = vec![0; READ_BYTES];
        let mut input = Input::default();
        loop {
            self.wait_for_memory(client);
            let length = match (&client.stream).read(&mut chunk) {
                Ok(0) => break,
                Ok(length) => length,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(_) => {
                    client.abort();
                    break;
                }
            };
            self.state().routing += 1;
            // What comes later is discarded, so that our kernel does not answer it with a reset.
            let open = client.queue().life == Life::Open;
            if open && !self.stops() && self.take(client, &mut input, &chunk[..length]).is_err() {
                client.abort();
            }
            self.state().routing -= 1;
            self.changed.notify_all();
        }
        self.hold_input(client, 0);
        client.read_to_end();
    }

    /// Routes all whole messages of the input. A read may hold several, or a part of one (R1.5).
    fn take(&self, client: &Client, input: &mut Input, chunk: &[u8]) -> Result<(), TooLong> {
        input.bytes.extend_from_slice(chunk);
        let most = self.limits.message_bytes_max;
        let mut start = 0;
        let taken = loop {
            let whole = &input.bytes[start..];
            // The id may hold NULs: the body begins behind it.
            let from = input.searched.max(ID_BYTES).min(whole.len());
            let nul = whole[from..].iter().position(|&byte| byte == 0);
            let end = nul.map_or(whole.len(), |at| from + at + 1);
            let body_bytes = end.saturating_sub(ID_BYTES);
            if body_bytes > most || (nul.is_none() && body_bytes >= most) {
                break Err(TooLong);
            }
            if nul.is_none() {
                input.searched = end;
                break Ok(());
            }
            let id = u32::from_be_bytes(whole[..ID_BYTES].try_into().expect("four bytes are four bytes"));
            self.route(id, &whole[ID_BYTES..end]);
            input.searched = 0;
            start += end;
        };
        input.bytes.drain(..start);
        self.hold_input(client, input.bytes.len());
        taken
    }

    /// Waits while the destination's queue is full. A message to nobody is dropped (R3.7).
    fn route(&self, id: u32, body: &[u8]) {
        let mut state = self.state();
        let Some(destination) = state.clients.get(&id).cloned() else { return };
        let mut queue = destination.queue();
        if queue.life != Life::Open {
            return;
        }
        queue.bytes.extend_from_slice(body);
        queue.length += body.len();
        state.queued_bytes += body.len();
        drop(state);
        destination.changed.notify_all();
        let most = self.limits.queued_bytes_max;
        while queue.life != Life::Over && queue.length >= most {
            queue = destination.changed.wait(queue).expect("nobody panics with the lock");
        }
    }

    /// Counts an unfinished message. If those alone fill the memory, the client with the largest goes (R5.6).
    fn hold_input(&self, client: &Client, bytes: usize) {
        let mut state = self.state();
        let before = state.inputs.insert(client.id, bytes).unwrap_or(0);
        if bytes == 0 {
            state.inputs.remove(&client.id);
        }
        state.input_bytes = state.input_bytes - before + bytes;
        while state.input_bytes >= self.limits.held_bytes_max {
            let Some((&largest, &held)) = state.inputs.iter().max_by_key(|(_, &held)| held) else { break };
            state.inputs.remove(&largest);
            state.input_bytes -= held;
            if let Some(victim) = state.clients.get(&largest) {
                victim.abort();
            }
        }
        self.changed.notify_all();
    }

    /// R5.6: reading pauses while too much is held.
    fn wait_for_memory(&self, client: &Client) {
        let mut state = self.state();
        while state.input_bytes + state.queued_bytes >= self.limits.held_bytes_max
            && !self.stops()
            && client.queue().life == Life::Open
        {
            state = self.changed.wait(state).expect("nobody panics with the lock");
        }
    }

    // Writing ---------------------------------------------------------------------------------------------------------

    fn write_all(&self, client: &Client) {
        while let Some(batch) = client.next_batch() {
            let mut rest = &batch[..];
            while !rest.is_empty() {
                // Waits for the deadline of R5.3 at most, and answers with what was accepted till then.
                match (&client.stream).write(&rest[..rest.len().min(READ_BYTES)]) {
                    Ok(accepted) if accepted > 0 => {
                        rest = &rest[accepted..];
                        self.sent(client, accepted);
                    }
                    Err(error) if error.kind() == ErrorKind::Interrupted => {}
                    _ => {
                        client.abort();
                        break;
                    }
                }
            }
        }
        client.finish(Duration::from_millis(self.limits.linger_ms as u64));
        self.forget(client);
    }

    fn sent(&self, client: &Client, bytes: usize) {
        self.state().queued_bytes -= bytes;
        let mut queue = client.queue();
        queue.length -= bytes;
        queue.last_progress = Instant::now();
        drop(queue);
        client.changed.notify_all();
        self.changed.notify_all();
    }

    /// Its socket closes when both of its threads have ended.
    fn forget(&self, client: &Client) {
        let mut state = self.state();
        let mut queue = client.queue();
        state.queued_bytes -= queue.length;
        queue.length = 0;
        queue.life = Life::Over;
        drop(queue);
        state.clients.remove(&client.id);
        drop(state);
        client.changed.notify_all();
        self.changed.notify_all();
    }

    // Shutting down ---------------------------------------------------------------------------------------------------

    /// R4.3: what was read is delivered, then everybody gets a FIN. Stalled clients have a quarter of the grace.
    fn shut_down(&self, began: Instant) {
        let grace = Duration::from_millis(self.limits.grace_ms as u64);
        self.changed.notify_all();
        self.wait_until(began + grace / 4, |state| state.routing == 0);
        for client in self.clients() {
            if client.is_stalled() {
                client.abort();
            }
        }
        self.wait_until(began + grace / 4 + STALL, |state| state.routing == 0);
        for client in self.clients() {
            client.close();
        }
        self.wait_until(began + grace / 4 + STALL, |state| state.clients.is_empty());
        for client in self.clients() {
            if client.is_stalled() {
                client.abort();
            }
        }
        self.wait_until(began + grace, |state| state.clients.is_empty());
    }

    fn wait_until(&self, end: Instant, done: impl Fn(&State) -> bool) {
        let left = end.saturating_duration_since(Instant::now());
        let _ = self.changed.wait_timeout_while(self.state(), left, |state| !done(state));
    }

    fn clients(&self) -> Vec<Arc<Client>> {
        self.state().clients.values().cloned().collect()
    }
}

// A client ------------------------------------------------------------------------------------------------------------

struct Client {
    id: u32,
    stream: TcpStream,
    queue: Mutex<Queue>,
    /// Something of `queue` has changed.
    changed: Condvar,
}

struct Queue {
    life: Life,
    /// For the writer to take.
    bytes: Vec<u8>,
    /// What is held for this client: `bytes`, and what the writer has taken and not yet written.
    length: usize,
    /// When the system last accepted something.
    last_progress: Instant,
    /// Its FIN has been read, or its connection has failed.
    read_to_end: bool,
}

#[derive(Clone, Copy, PartialEq)]
enum Life {
    Open,
    /// What is queued is still sent, and then FIN; no message is for this client any more.
    Closing,
    Over,
}

impl Default for Queue {
    fn default() -> Self {
        // The id is on its way from the beginning.
        Queue { life: Life::Open, bytes: vec![], length: ID_BYTES, last_progress: Instant::now(), read_to_end: false }
    }
}

impl Client {
    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().expect("nobody panics with the lock")
    }

    /// All that is queued, as soon as that is something; None when nothing more will come.
    fn next_batch(&self) -> Option<Vec<u8>> {
        let mut queue = self.queue();
        loop {
            if queue.life == Life::Over {
                return None;
            }
            if !queue.bytes.is_empty() {
                return Some(std::mem::take(&mut queue.bytes));
            }
            if queue.life == Life::Closing {
                return None;
            }
            queue = self.changed.wait(queue).expect("nobody panics with the lock");
        }
    }

    fn close(&self) {
        let mut queue = self.queue();
        if queue.life == Life::Open {
            queue.life = Life::Closing;
        }
        self.changed.notify_all();
    }

    fn read_to_end(&self) {
        self.queue().read_to_end = true;
        self.close();
    }

    /// FIN, and then as long as it may linger (R5.5) its reader discards what comes.
    fn finish(&self, linger: Duration) {
        if self.queue().life == Life::Closing && self.stream.shutdown(Shutdown::Write).is_ok() {
            let _ = self.changed.wait_timeout_while(self.queue(), linger, |queue| !queue.read_to_end && queue.life != Life::Over);
        }
        let _ = self.stream.shutdown(Shutdown::Both); // Ends its reader. Where it fails, the connection has ended.
    }

    /// At once: what is queued is discarded, and both of its threads end.
    fn abort(&self) {
        let mut queue = self.queue();
        queue.life = Life::Over;
        queue.bytes.clear();
        drop(queue);
        self.changed.notify_all();
        let _ = self.stream.shutdown(Shutdown::Both); // Where it fails, the connection has ended.
    }

    fn is_stalled(&self) -> bool {
        let queue = self.queue();
        queue.length > 0 && queue.last_progress.elapsed() >= STALL
    }
}

/// An unfinished message.
#[derive(Default)]
struct Input {
    bytes: Vec<u8>,
    /// So many of them hold no NUL that could end it.
    searched: usize,
}

struct TooLong;

// Limits and signals --------------------------------------------------------------------------------------------------

/// Section 5. Bytes and milliseconds, as the names end.
struct Limits {
    message_bytes_max: usize,
    connections_max: usize,
    ids_max: usize,
    write_deadline_ms: usize,
    queued_bytes_max: usize,
    linger_ms: usize,
    grace_ms: usize,
    held_bytes_max: usize,
}

impl Limits {
    fn from_environment() -> Self {
        Limits {
            message_bytes_max: limit("MESSAGE_BYTES_MAX", 1 << 20),
            connections_max: limit("CONNECTIONS_MAX", 65_535),
            ids_max: limit("IDS_MAX", (1 << 31) - 1),
            write_deadline_ms: limit("WRITE_DEADLINE_MS", 10_000),
            queued_bytes_max: limit("QUEUED_BYTES_MAX", 1 << 20),
            linger_ms: limit("LINGER_MS", 1_000),
            grace_ms: limit("GRACE_MS", 5_000),
            held_bytes_max: limit("HELD_BYTES_MAX", 256 << 20),
        }
    }
}

fn limit(name: &str, default: usize) -> usize {
    let name = format!("SWITCHYARD_{name}");
    env::var(&name).map_or(default, |text| number_from(&name, &text, 1, 1 << 40))
}

/// Ends the process with 3 if the text is no such number.
fn number_from(name: &str, text: &str, least: usize, most: usize) -> usize {
    match text.parse() {
        Ok(number) if (least..=most).contains(&number) => number,
        _ => {
            eprintln!("{name} is {text:?}: it must be a whole number from {least} to {most}.");
            process::exit(3)
        }
    }
}

/// Where the signal handler writes: it may do little else.
static SIGNAL_END: AtomicI32 = AtomicI32::new(-1);

// The standard library knows no signals, and is linked to a C library that does.
extern "C" {
    fn signal(number: i32, handler: extern "C" fn(i32)) -> usize;
    fn write(fd: i32, bytes: *const u8, count: usize) -> isize;
}

extern "C" fn on_signal(_: i32) {
    // SAFETY: `write` may be called in a signal handler, and one byte lies at this address.
    unsafe { write(SIGNAL_END.load(Ordering::SeqCst), b"!".as_ptr(), 1) };
}

/// SIGTERM and SIGINT from now on make the first of the pair readable.
fn catch_signals() -> (UnixStream, UnixStream) {
    const SIGINT: i32 = 2;
    const SIGTERM: i32 = 15;
    let pair = UnixStream::pair().expect("a process can have one pair of sockets");
    SIGNAL_END.store(pair.1.as_raw_fd(), Ordering::SeqCst);
    for number in [SIGINT, SIGTERM] {
        // SAFETY: the handler does nothing that a handler may not.
        unsafe { signal(number, on_signal) };
    }
    pair
}

fn wait_for_signal((mut end, _other): (UnixStream, UnixStream)) {
    let mut byte = [0];
    while let Err(error) = end.read_exact(&mut byte) {
        if error.kind() != ErrorKind::Interrupted {
            return;
        }
    }
}
