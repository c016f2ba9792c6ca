/* What makes a revocation bind on every node within a second, as a Promela model. model.spec.ts runs it.
 *
 * A node keeps keys it has read (`cache`), and trusts them while its `lease` is younger than L. The lease is the start of
 * the last poll that succeeded; a poll brings the invalidations of all changes since the one before. One database, one
 * key. Node 0 answers the call that revokes the key, or replaces its secret; other changes move the counter too.
 *
 * Time runs in ticks of 300 ms, without end: L = 3 (900 ms), T = 2 (600 ms). An instant is kept as its age in ticks, which
 * stops at L ("long ago"). No step is ever forced: whoever is at work may rest at any point while the clock runs on, and
 * each poll and each read may be given up. That is delay, loss, a cut either way and a frozen process, all in one. What
 * stands in one atomic{} is one SQL statement, one COMMIT, or one block of JavaScript without an `await`.
 *
 * What must hold (assert):
 *   a  no node accepts a request that was sent L or more after the answer to the revocation;
 *   b  node 0 accepts none that was sent after that answer; with WORKERS no worker of its port does;
 *   c  when the database lost the change that made the key (REWIND), no node accepts it L or more after the loss;
 *   d  a request with the new secret, sent after the answer of the call that made it, is never refused (RENEW).
 * A request counts as sent at the last instant possible: when a node picks it up, or when it joins a read under way.
 *
 * ONLY=i runs node i alone. Nodes share the database, which a node only reads, and a message that is in the model, so a
 * bad run of two nodes is a bad run of one of them. SMALL runs both, narrowed: a node reads no key while it polls.
 *
 * Worlds:  none of them    changes, polls, reads
 *          AGAIN           the revocation was committed before, by a call that never got its answer; it is called again
 *          REWIND          the database loses its newest changes, is silent for L, and gives their numbers out again; a
 *                          poll's answer is used only while it is younger than P (250 ms, here up to a tick)
 *          REWIND LOST     the same, where the key is lost each time and other changes go on
 *          PURGE           old invalidations are deleted
 *          SUSPEND         the monotonic clock of node 1 stands still for some ticks
 *          WALLJUMP        the wall clock of node 1 is set, back or forth, at any time
 *          RENEW           requests with the new secret reach the node; they are not refused by an entry, unless a poll that
 *                          began after they came leaves it, nor by a read that began before they came
 *                          (that a secret which was refused is refused from memory is no step here: it is none that
 *                          is made later, since nobody can send a secret before it is made). The entry may as well say
 *                          that the key has no live secret, or is nobody's: then the change gives it one, and what a and b
 *                          say of accepting holds for refusing what the change has made good, be it by enabling a user
 *          WORKERS         nodes 0 and 1 share a port: node 0 tells node 1 of the change, and answers when that one has
 *                          confirmed, or when L has passed since COMMIT returned; node 1 may start at any time
 * A mutant (M_...) leaves out one rule, or one assumption on the database, and has to end in a failed assert. To see how:
 * spin -a -D... revocation.pml; gcc -DSAFETY -DBFS -DVECTORSZ=512 -o pan pan.c; ./pan -E; spin -t -p -D... revocation.pml
 */
#ifndef L
#define L 3
#endif
#ifndef T
#define T 2
#endif
#ifndef P
#ifdef REWIND
#define P 2                     /* ticks 0 and 1 */
#else
#define P L
#endif
#endif
#ifndef OTHERS
#define OTHERS 1
#endif
#define NONE 15
#define NEVER 14                /* the wall clock was set back: by it, this instant is still to come */
#define INVALIDATIONS 5         /* numbers 0..4; the migration makes invalidation 0 */
#define older(x) x = (x < L -> x + 1 : x)
#define raise(x, y) x = (y > x -> y : x)

#if !defined(ONLY) || ONLY == 0
#define NODE0
#endif
#if !defined(ONLY) || ONLY == 1
#define NODE1
#endif
#ifdef WORKERS
#define PORT(i) 1               /* the node shares the port with the one that answered */
#else
#define PORT(i) (i == 0)
#endif
#if defined(SUSPEND) || defined(WALLJUMP)
#define WALL
#endif
#if defined(M_STALE_POLL) || defined(M_STALE_READ)
#define REPLICA
#endif

/* ---------- the database ---------- */
byte n;                         /* the counter */
bool vis[INVALIDATIONS];        /* invalidation i is there: committed, and not purged */
byte revAt, revAgain;           /* the invalidations that name the user, 0 = none yet; the key is dead from revAt on */
bool lock;                      /* the row lock of the counter */
#ifdef REWIND
byte tag[INVALIDATIONS], fresh = 2; /* the random tag of invalidation i */
byte born;                      /* the key was made by invalidation 0, or by invalidation 1 of the first history */
bool revBegun, gone;            /* gone: that invalidation was lost */
byte quiet = NONE;              /* age of the loss */
#define TAG(k) tag[k]
#define UP (quiet >= L)
#define ALIVE (!revAt && !gone && n >= born)
#else
#define TAG(k) 0
#define UP 1
#define ALIVE (!revAt)
#endif
#ifdef REPLICA
byte rn;                        /* how far a stale server is */
#endif
#ifdef M_AUTOINC
byte autoinc;
#endif

/* ---------- the call, seen from outside ---------- */
bool answered, own;             /* own: by node 0 */
byte ansAge = NONE;
#define LATE (answered && ansAge >= L)
#ifdef WORKERS
bool up, listed, confirmed;     /* node 1 has started; node 0 waits for it; it has confirmed */
byte told, wait = NONE;         /* the invalidation in the message to it; age of COMMIT's return */
#ifdef WALL
byte waitW = NONE;
#endif
#endif

/* ---------- the nodes ---------- */
typedef node {
  bool cache;                   /* the key is in the cache, as good (with its old secret) */
  byte known = NONE, ktag;      /* the revision that the cache is true for, and its tag */
#ifdef REWIND
  byte seen, stag;              /* the newest revision that an entry was read at */
  byte base, btag;              /* `seen` when the poll under way began */
#endif
  byte lease = L;               /* age of the start of the poll that last succeeded */
  byte recent, low;             /* newest recent invalidation of the user, 0 none; the recent ones are complete above `low` */
  byte since;                   /* newest invalidation that this node, or a sibling, put in since the poll under way began */
  byte poll = NONE, cold = NONE; /* age of the poll, of the read of the key, under way */
  bool late, after;             /* a request that rides on the read was sent too late; after the answer of its port */
#ifdef WALL
  byte leaseW = L, pollW = NONE, coldW = NONE;  /* the same ages by the wall clock */
#endif
#ifdef M_TIMER_CLOCK
  byte leaseT;
#endif
#ifdef RENEW
  bool want, mine, ours;        /* a request with the new secret waits; the read, the poll under way began after it came */
#ifdef M_FRESH_ENTRY_REFUSES
  byte entry = L;               /* age of the start of the read that made the entry */
#endif
#endif
};
node nd[2];
#define N nd[i]

#define EARLY(w, x) (w < x || w == NEVER)
#if !defined(WALL) || defined(M_MONOTONIC_ONLY)
#define YOUNG(m, w, x) (m < x)
#elif defined(M_WALL_ONLY)
#define YOUNG(m, w, x) EARLY(w, x)
#else
#define YOUNG(m, w, x) (m < x && EARLY(w, x))
#endif
#ifdef M_TIMER_CLOCK
#define VALID (N.known != NONE && N.leaseT < L)
#else
#define VALID (N.known != NONE && YOUNG(N.lease, N.leaseW, L))
#endif

inline ages(i) {
  older(nd[i].lease); older(nd[i].poll); older(nd[i].cold);
#ifdef M_FRESH_ENTRY_REFUSES
  older(nd[i].entry)
#endif
}
#ifdef WALL
inline agesW() {
  older(nd[1].leaseW); older(nd[1].pollW); older(nd[1].coldW);
#ifdef WORKERS
  older(waitW)
#endif
}
#define set(x, y) x = (x == NONE -> NONE : y)
inline jump(y) {
  nd[1].leaseW = y; set(nd[1].pollW, y); set(nd[1].coldW, y);
#ifdef WORKERS
  set(waitW, y)
#endif
}
#endif
proctype Clock() {
  do
  :: d_step {
#ifdef NODE0
       ages(0);
#endif
#ifdef NODE1
       ages(1);
#endif
#ifdef WALL
       agesW();
#endif
#ifdef REWIND
       older(quiet);
#endif
#ifdef WORKERS
       older(wait);
#endif
       older(ansAge) }
#ifdef SUSPEND
  :: d_step { agesW(); older(ansAge) }
#endif
#ifdef WALLJUMP
  :: d_step { jump(NEVER) }
  :: d_step { jump(L) }
#endif
  od
}

/* ---------- changes ---------- */
inline take(v) {                /* UPDATE revision SET n = n + 1: its row lock is held until COMMIT */
#ifdef M_AUTOINC
  atomic { autoinc++; v = autoinc }
#else
  atomic { UP && !lock -> lock = 1; v = n + 1 }
#endif
}
inline commit(v) {
  vis[v] = 1; lock = 0;
#ifdef REWIND
  tag[v] = fresh; fresh++;
#endif
  raise(n, v)
}
proctype Other() {
  byte v, k;
  do
  :: k < OTHERS -> take(v); atomic { commit(v); k++; v = 0 }
  :: break
  od
}
inline drop(i, v) {             /* one block: the node's own change, or a sibling's */
  N.cache = 0;
#ifndef M_OWN_NOT_IN_RECENT
  raise(N.recent, v);
#ifndef M_CLEARING_FORGETS_OWN
  raise(N.since, v)
#endif
#endif
}
inline answer() { answered = 1; own = 1; ansAge = 0 }

proctype Revoke() {
  byte v;
#ifdef REWIND
  atomic { !gone && n >= born -> revBegun = 1 }
#endif
#ifdef AGAIN                    /* nobody hears of this COMMIT, so no node adds it to its recent ones */
  take(v);
  atomic { revAt = v; commit(v); v = 0 }
#endif
#ifndef M_NOTHING_TO_DO         /* "the key is dead already, so there is nothing to invalidate" */
  take(v);
#ifdef M_LISTED_BEFORE_COMMIT
  listed = up;
#endif
#ifdef M_WAIT_FROM_BEFORE_COMMIT
  wait = 0;
#endif
#ifdef M_TOLD_BEFORE_COMMIT
  atomic { listed = up; told = (up -> v : 0); wait = 0 }
#endif
#ifdef M_DROPPED_BEFORE_COMMIT
  atomic { drop(0, v) }
#endif
  atomic { if :: revAt -> revAgain = v :: else -> revAt = v fi; commit(v) }
#endif
  /* COMMIT has returned, the answer has not been sent */
#ifdef M_ANSWERED_BEFORE_DROPPED
  atomic { answer() }
#endif
#if defined(NODE0) && !defined(M_OWN_NOT_DROPPED) && !defined(M_DROPPED_BEFORE_COMMIT) && !defined(M_NOTHING_TO_DO)
  atomic { drop(0, v) }
#endif
#ifdef WORKERS
#ifndef M_TOLD_BEFORE_COMMIT
  atomic {
#ifndef M_LISTED_BEFORE_COMMIT
    listed = up;
#endif
#ifdef WALL
    waitW = 0;
#endif
#ifndef M_WAIT_FROM_BEFORE_COMMIT
    wait = 0;
#endif
    told = (listed -> v : 0)
  }
#endif
#ifdef M_NOT_WAITED
  atomic { answer(); wait = NONE }
#elif defined(M_WAIT_BY_EITHER_CLOCK)
  atomic { !listed || confirmed || wait >= L || (waitW >= L && waitW != NEVER) -> answer(); wait = NONE; waitW = NONE }
#else
  atomic { !listed || confirmed || wait >= L -> answer(); wait = NONE;
#ifdef WALL
    waitW = NONE
#endif
  }
#endif
#else
  atomic { answer() }
#endif
}
#ifdef REWIND
proctype Rewind() {
  atomic { !revBegun && !lock && n > 0 ->
    do :: n > 0 -> vis[n] = 0; tag[n] = 0; n-- :: n == 0 -> break od;
    quiet = 0;
    if :: born -> gone = 1; answered = 1; ansAge = 0 :: else fi }
}
#endif
#ifdef PURGE
proctype Purge() {              /* never the newest invalidation */
  byte oldest;
  do
  :: atomic { oldest < n -> vis[oldest] = 0; oldest++ }
  :: break
  od
}
#endif
#ifdef REPLICA
proctype Replicate() { do :: atomic { rn < n -> rn++ } od }
#endif

/* ---------- a node ---------- */
#ifdef SMALL
#define ALONE(x) (x == 0)
#else
#define ALONE(x) 1
#endif
inline pollEnd() {
  pst = 0; N.poll = NONE; sn = 0; st = 0; srev = 0; ok = 0;
#ifdef RENEW
  N.ours = 0;
#endif
#ifdef REWIND
  N.base = 0; N.btag = 0;
#endif
#ifdef WALL
  N.pollW = NONE
#endif
}
inline coldEnd() {
  cst = 0; N.cold = NONE; r = 0; rt = 0; alive = 0; N.late = 0; N.after = 0;
#ifdef WALL
  N.coldW = NONE;
#endif
#ifdef RENEW
  N.mine = 0
#endif
}
inline seenAt(k, t) {           /* keeps the higher of two revisions */
#ifdef REWIND
  if :: k > N.seen -> N.seen = k; N.stag = t :: else fi
#else
  skip
#endif
}
#ifdef M_STORED_WITHOUT_LEASE
#define STORABLE 1
#else
#define STORABLE VALID
#endif
inline store() {
  if
  :: STORABLE -> N.cache = 1; seenAt(r, rt);
#ifdef M_FRESH_ENTRY_REFUSES
     N.entry = N.cold
#endif
  :: else
  fi
}
inline accepted() { assert(!N.late); assert(!N.after) }

proctype Node(bit i) {
  byte pst, sn, st, srev; bool ok;              /* the poll, and what it read */
  byte cst, r, rt; bool alive;                  /* the read of the key, and what it read */
#ifdef REPLICA
  byte top;
#define TOP top
#else
#define TOP n
#endif
#ifdef WORKERS
  if :: i -> up = 1 :: else fi;
#endif
  do
  /* --- the poll: one at a time; once it is given up, its answer is never looked at */
  :: atomic { pst == 0 && ALONE(cst) -> N.poll = 0; N.since = 0; pst = 1;
#ifdef RENEW
       N.ours = N.want;
#endif
#ifdef REWIND
       N.base = N.seen; N.btag = N.stag;
#endif
#ifdef WALL
       N.pollW = 0
#endif
     }
#ifdef M_POLL_IN_TWO                            /* invalidations first, then the counter */
  :: atomic { pst == 1 -> ok = (N.known != NONE -> vis[N.known] : 0); srev = (revAt > N.known -> revAt : 0); pst = 3 }
  :: atomic { pst == 3 -> sn = n; pst = 2 }
#else
  :: atomic { pst == 1 && UP ->                 /* one statement: the counter, and the invalidations from `known` on */
#ifdef M_STALE_POLL
       top = rn;
#elif defined(REPLICA)
       top = n;
#endif
       sn = TOP; st = TAG(sn);
       if
       :: N.known == NONE -> ok = 0
       :: else ->
#if defined(M_NO_TAG)
          ok = N.known <= sn && vis[N.known];
#elif defined(M_NO_HORIZON)
          ok = N.known <= sn;
#else
          ok = N.known <= sn && vis[N.known] && TAG(N.known) == N.ktag;
#if defined(REWIND) && !defined(M_NO_SEEN)
          if :: N.base > N.known && TAG(N.base) != N.btag -> ok = 0 :: else fi;
#endif
#endif
          if :: revAt && revAt <= sn && vis[revAt] && revAt > N.known -> srev = revAt :: else fi;
          if :: revAgain && revAgain <= sn && vis[revAgain] && revAgain > N.known -> srev = revAgain :: else fi;
          if :: skip :: ok = 0 fi               /* too many invalidations, or one for everybody */
       fi;
#ifdef REPLICA
       top = 0;
#endif
       pst = 2 }
#endif
#ifdef M_LEASE_BEFORE_INVALIDATIONS
  :: atomic { pst == 2 -> N.lease = N.poll; pst = 4 }
  :: atomic { pst == 4 ->
#else
  :: atomic { pst == 2 && YOUNG(N.poll, N.pollW, P) -> /* its answer */
#endif
       if
       :: !ok ->                                /* clear everything */
          N.cache = 0; N.recent = 0;
#ifdef M_CLEARED_WITHOUT_LOW
          N.low = 0;
#else
          N.low = (sn > N.since -> sn : N.since);
#endif
#ifdef REWIND
          N.seen = sn; N.stag = st
#endif
       :: ok && srev ->
#ifndef M_POLL_DROPS_NOTHING
          N.cache = 0;
#endif
#ifndef M_POLL_NOT_IN_RECENT
          raise(N.recent, srev)
#endif
       :: else
       fi;
       N.known = sn; N.ktag = st;
#ifdef M_LEASE_FROM_ANSWER
       N.lease = 0;
#elif !defined(M_LEASE_BEFORE_INVALIDATIONS)
       N.lease = N.poll;
#endif
#ifdef WALL
       N.leaseW = N.pollW;
#endif
#ifdef M_ANY_POLL_REFUSES
       assert(!(N.cache && N.want));
#elif defined(RENEW)
       assert(!(N.cache && N.want && N.ours));  /* the entry is the last word on who came before the poll */
#endif
       pollEnd() }
  :: atomic { pst != 0 -> pollEnd() }           /* lost or timed out */

  /* --- a read of the key: a request starts it ... */
  :: atomic { cst == 0 && ALONE(pst) -> N.cold = 0; N.late = LATE; N.after = PORT(i) && own; cst = 1;
#ifdef RENEW
       N.mine = N.want;
#endif
#ifdef WALL
       N.coldW = 0
#endif
     }
#ifdef M_READ_IN_TWO
  :: atomic { cst == 1 -> alive = ALIVE; cst = 3 }
  :: atomic { cst == 3 -> r = n; cst = 2 }
#elif defined(M_STALE_READ)
  :: atomic { cst == 1 -> r = rn; alive = !(revAt && revAt <= rn); cst = 2 }
#else
  :: atomic { cst == 1 && UP -> r = n; rt = TAG(n); alive = ALIVE; cst = 2 } /* one statement: the key and the counter */
#endif
  /* ... and others join it, at any time */
  :: atomic { cst != 0 && LATE && !N.late -> N.late = 1 }
  :: atomic { cst != 0 && PORT(i) && own && !N.after -> N.after = 1 }
#ifdef M_READ_OF_ANY_AGE
#define INTIME 1
#else
#define INTIME YOUNG(N.cold, N.coldW, T)
#endif
#ifdef M_LOW_NOT_CHECKED
#define COMPLETE 1
#else
#define COMPLETE (r >= N.low)
#endif
#ifdef M_RECENT_NOT_CHECKED
#define NOT_INVALIDATED 1
#else
#define NOT_INVALIDATED (N.recent <= r)
#endif
#define USABLE (N.known != NONE && INTIME && COMPLETE && NOT_INVALIDATED)
  :: atomic { cst == 2 ->                       /* its answer */
       if
#if defined(M_USED_UNCHECKED)
       :: alive && INTIME -> accepted(); if :: USABLE -> store() :: else fi
#elif defined(M_STORED_UNCHECKED)
       :: alive && INTIME -> store(); if :: USABLE -> accepted() :: else fi
#elif defined(M_USED_BEFORE_FIRST_POLL)
       :: alive && INTIME && COMPLETE && NOT_INVALIDATED -> store(); accepted()
#else
       :: alive && USABLE -> store(); accepted()
#endif
#ifdef RENEW
#ifdef M_JOINED_READ_REFUSES
          assert(!N.want)
#else
          assert(!(N.want && N.mine))           /* one that came while the read was under way waits for the next one */
#endif
       :: !alive && USABLE -> N.want = 0        /* the new secret was read, and matches */
#endif
       :: else
       fi;
       coldEnd() }
  :: atomic { cst != 0 ->                       /* 503 */
#ifdef RENEW
#ifdef M_FAILED_READ_REFUSES
       assert(!N.want);
#endif
       N.want = 0;
#endif
       coldEnd() }

  /* --- a request that finds an entry: entry, lease and comparison in one block */
  :: atomic { N.cache && VALID && answered -> assert(!LATE); assert(!(PORT(i) && own)) }
#ifdef RENEW
  :: atomic { answered && !N.want -> N.want = 1 }
#ifdef M_FRESH_ENTRY_REFUSES                    /* "read a moment ago, so it need not be read again" */
  :: atomic { N.want && N.cache && VALID && N.entry == 0 -> assert(0) }
#endif
#ifdef M_UNTRUSTED_ENTRY_REFUSES
  :: atomic { N.want && N.cache && !VALID -> assert(0) }
#endif
#endif

  /* --- the recent invalidations are bounded: the oldest may be forgotten, and then `low` says so */
#ifndef SMALL
  :: atomic { N.recent -> raise(N.low, N.recent); N.recent = 0 }
#endif
#ifdef REWIND                                   /* another key is read, and stored */
  :: atomic { UP && N.known != NONE && n > N.seen && n >= N.low && STORABLE -> seenAt(n, TAG(n)) }
#endif
#ifdef WORKERS                                  /* the message of a sibling */
#ifdef M_CONFIRMED_BEFORE_DROPPED
  :: atomic { i && told && !confirmed -> confirmed = 1 }
  :: atomic { i && told && confirmed -> drop(i, told); told = 0 }
#else
  :: atomic { i && told && !confirmed ->
#ifdef M_SIBLING_NOT_IN_RECENT
       N.cache = 0;
#elif defined(M_SIBLING_FORGETS_CLEARING)
       N.cache = 0; raise(N.recent, told);
#else
       drop(i, told);
#endif
       confirmed = 1; told = 0 }
#endif
#endif
#ifdef M_TIMER_CLOCK                            /* a clock that a timer sets */
  :: atomic { N.leaseT != N.lease -> N.leaseT = N.lease }
#endif
  od
}

init {
  atomic {
    vis[0] = 1;
#ifdef REWIND
    tag[0] = 1;
#ifdef LOST
    born = 1;
#else
    if :: born = 0 :: born = 1 fi;
#endif
#endif
    run Clock(); run Other();
#ifndef LOST
    run Revoke();
#endif
#ifdef NODE0
    run Node(0);
#endif
#ifdef NODE1
    run Node(1);
#endif
#ifdef REWIND
    run Rewind();
#endif
#ifdef PURGE
    run Purge();
#endif
#ifdef REPLICA
    run Replicate();
#endif
  }
}
