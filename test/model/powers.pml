/* What makes no change commit after the answer of the call that took the power for it, and no password change undo a reset,
 * as a Promela model. model.spec.ts runs it.
 *
 * An actor has sent a change, which was judged when it came, and waits. Another call takes the actor's power, and is
 * answered after its COMMIT. The actor's change is a transaction as Database.change runs it: it locks the actor's row,
 * judges again, writes, takes the row of the counter, and commits. A thief and a manager change one password: the thief's
 * current one was checked before, outside.
 *
 * Worlds:  none of them    one server: locks of rows, held until COMMIT
 *          CERTIFIED       two servers (Galera, Group Replication): nobody sees the locks of the other one; of two
 *                          transactions that have written one row, the second to commit is given up and run again
 * What must hold (assert):
 *   a  no change of the actor commits after the answer that took the power;
 *   b  the password that the manager has set is there after the answer, whatever the thief does.
 * A mutant (M_...) leaves out one rule and has to end in a failed assert.
 */
bool power = 1, answered;       /* of the actor; the call that took it has its answer */
byte counter;                   /* the row of lk_revision: each transaction writes it last */
byte readers, counterLock;      /* shared locks on the actor's row; the lock of the counter */
bool alone;                     /* the row is locked by who takes power, or changes the password */

#define OLD 1
#define RESET 2
#define THIEFS 3
byte password = OLD;
bool reset;                     /* the manager has the answer */

#ifdef CERTIFIED
#define LOCK_SHARED skip
#define LOCK_ALONE skip
#define UNLOCK_SHARED skip
#define UNLOCK_ALONE skip
#else
#define LOCK_SHARED atomic { !alone -> readers++ }
#define LOCK_ALONE atomic { !alone && readers == 0 -> alone = 1 }
#define UNLOCK_SHARED readers--
#define UNLOCK_ALONE alone = 0
#endif

proctype Take() {
  byte was;
  LOCK_ALONE;
  was = counter;
#ifdef CERTIFIED
  do
  :: atomic { counter == was -> counter++; power = 0; break }
  :: atomic { counter != was -> was = counter }
  od;
  answered = 1
#else
  atomic { power = 0; counter++; UNLOCK_ALONE };
  answered = 1
#endif
}

proctype Word() {               /* judged when it came, before all this */
  byte was;
  bool may = 1;
again:
#ifdef M_JUDGED_BEFORE_THE_LOCK
  may = power;
#endif
#ifndef M_NO_LOCK
  LOCK_SHARED;
#endif
  was = counter;                /* a certified transaction is of the moment of its first statement */
#if !defined(M_JUDGED_WHEN_IT_CAME) && !defined(M_JUDGED_BEFORE_THE_LOCK)
  may = power;
#endif
  if
  :: !may -> goto refused
  :: else
  fi;
#if defined(CERTIFIED) && !defined(M_NO_INVALIDATION)
  atomic {
    if
    :: counter != was -> goto again         /* given up */
    :: else -> counter++; assert(!answered)
    fi
  }
#else
  atomic { counter++; assert(!answered);
#ifndef M_NO_LOCK
    UNLOCK_SHARED
#endif
  }
#endif
  goto over;
refused:
#ifndef M_NO_LOCK
  UNLOCK_SHARED;
#endif
over:
  skip
}

proctype Manager() {
  LOCK_ALONE;
  atomic { password = RESET; counter++; UNLOCK_ALONE };
  reset = 1
}

proctype Thief() {
  byte checked, was, times;
judge:
  if :: times == 3 -> goto over :: else fi;
  times++;
  checked = password;           /* argon2, outside of any transaction */
  if
  :: checked == RESET -> goto over          /* that is not the password */
  :: else
  fi;
write:
  LOCK_ALONE;
  was = counter;
#ifdef CERTIFIED
  atomic {
    if
    :: counter != was -> goto write         /* given up */
    :: else
    fi;
#else
  atomic {
#endif
#ifndef M_WHATEVER_IS_STORED
    if
    :: password != checked -> UNLOCK_ALONE; goto judge
    :: else
    fi;
#endif
    password = THIEFS; counter++; UNLOCK_ALONE
  };
  goto judge;
over:
  skip
}

proctype Look() { atomic { reset -> assert(password == RESET) } }

init {
  atomic {
#ifdef PASSWORDS
    run Manager(); run Thief(); run Look()
#else
    run Take(); run Word(); run Word()
#endif
  }
}
