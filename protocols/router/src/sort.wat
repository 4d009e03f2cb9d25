;; Sorts short messages by destination. `sort` reads memory from `at` to `end` and returns where it stopped: before a message that
;; is cut, or has more than `longest` bytes behind its id, or would need a 257th group. A group is a run of messages for one
;; destination; if another one with the same low byte of its id comes in between, the next message begins a new group.
;;       0  groups, in the order of their first messages: id, bytes, messages, where its bytes end; behind the last an empty one
;;    4112  the latest group for each low byte of an id. What an earlier call left here does no harm: see the comparison below
;;    5136  each message: where its body begins, its group
;;  110016  the bodies, sorted. Behind each group 16 bytes are free, since copying goes in steps of 16
;;  179664  the messages as they came, at most 64 KiB
(module
  (memory (export "memory") 4)
  (func (export "sort") (param $at i32) (param $end i32) (param $longest i32) (result i32)
    (local $message i32) (local $body i32) (local $byte i32) (local $stop i32) (local $nuls i32)
    (local $id i32) (local $slot i32) (local $group i32) (local $next i32) (local $to i32) (local $last i32)
    (local.set $message (i32.const 5136))
    (block $stopped (loop $messages
      (local.set $body (i32.add (local.get $at) (i32.const 4)))
      (local.set $stop (i32.add (local.get $body) (local.get $longest)))
      (if (i32.gt_u (local.get $stop) (local.get $end)) (then (local.set $stop (local.get $end))))
      (local.set $byte (local.get $body))
      (loop $sixteen
        (br_if $stopped (i32.ge_u (local.get $byte) (local.get $stop)))
        (local.set $nuls (i8x16.bitmask (i8x16.eq (v128.load (local.get $byte)) (v128.const i64x2 0 0))))
        (if (i32.eqz (local.get $nuls)) (then
          (local.set $byte (i32.add (local.get $byte) (i32.const 16)))
          (br $sixteen))))
      (local.set $byte (i32.add (i32.add (local.get $byte) (i32.ctz (local.get $nuls))) (i32.const 1)))
      (br_if $stopped (i32.gt_u (local.get $byte) (local.get $stop)))
      (local.set $id (i32.load (local.get $at)))
      (local.set $slot (i32.and (i32.shr_u (local.get $id) (i32.const 22)) (i32.const 1020)))
      (local.set $group (i32.load offset=4112 (local.get $slot)))
      ;; A slot's group is this call's if it lies before `next`, and this destination's if the ids are the same.
      (if (i32.or (i32.ge_u (local.get $group) (local.get $next)) (i32.ne (i32.load (local.get $group)) (local.get $id))) (then
        (br_if $stopped (i32.eq (local.get $next) (i32.const 4096)))
        (local.set $group (local.get $next))
        (i32.store offset=4112 (local.get $slot) (local.get $group))
        (i32.store (local.get $group) (local.get $id))
        (i64.store offset=4 align=4 (local.get $group) (i64.const 0))
        (local.set $next (i32.add (local.get $next) (i32.const 16)))))
      (i32.store offset=4 (local.get $group)
        (i32.add (i32.load offset=4 (local.get $group)) (i32.sub (local.get $byte) (local.get $body))))
      (i32.store offset=8 (local.get $group) (i32.add (i32.load offset=8 (local.get $group)) (i32.const 1)))
      (i32.store (local.get $message) (local.get $body))
      (i32.store offset=4 (local.get $message) (local.get $group))
      (local.set $message (i32.add (local.get $message) (i32.const 8)))
      (local.set $at (local.get $byte))
      (br $messages)))
    ;; The body that would come next says where the last one ends.
    (i32.store (local.get $message) (i32.add (local.get $at) (i32.const 4)))
    (i64.store offset=4 align=4 (local.get $next) (i64.const 0))
    (local.set $to (i32.const 110016))
    (local.set $group (i32.const 0))
    (loop $groups
      (i32.store offset=12 (local.get $group) (local.get $to))
      (local.set $to (i32.add (i32.add (local.get $to) (i32.load offset=4 (local.get $group))) (i32.const 16)))
      (local.set $group (i32.add (local.get $group) (i32.const 16)))
      (br_if $groups (i32.lt_u (local.get $group) (local.get $next))))
    (local.set $last (local.get $message))
    (local.set $message (i32.const 5136))
    (block $copied (loop $bodies
      (br_if $copied (i32.eq (local.get $message) (local.get $last)))
      (local.set $body (i32.load (local.get $message)))
      (local.set $group (i32.load offset=4 (local.get $message)))
      (local.set $message (i32.add (local.get $message) (i32.const 8)))
      (local.set $to (i32.load offset=12 (local.get $group)))
      (local.set $stop (i32.add (local.get $to)
        (i32.sub (i32.sub (i32.load (local.get $message)) (local.get $body)) (i32.const 4))))
      (i32.store offset=12 (local.get $group) (local.get $stop))
      (loop $sixteen
        (v128.store (local.get $to) (v128.load (local.get $body)))
        (local.set $body (i32.add (local.get $body) (i32.const 16)))
        (local.set $to (i32.add (local.get $to) (i32.const 16)))
        (br_if $sixteen (i32.lt_u (local.get $to) (local.get $stop))))
      (br $bodies)))
    (local.get $at)))
