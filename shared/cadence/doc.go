// Package cadence computes due dates: on which local dates a cadence falls, at which instant a
// local time happens, and what came due between two instants. It is pure: the clock is always an
// argument.
//
// # Local time
//
// A cadence is kept as a zone, a local time and a rule over local dates, and becomes
// an instant only when someone asks, so a change of clocks or of the zone database
// moves letters without touching a record. Where local time is not one to one, [At]
// decides as RFC 5545 section 3.3.5 does:
//
//   - a time that does not exist (clocks go forward) happens at the instant
//     given by the offset before the gap: 02:30 is read at 03:30;
//   - a time that exists twice (clocks go back) happens the first time.
//
// A date that a zone skipped whole (Pacific/Apia, 30 December 2011) is a gap of 24
// hours and nothing more: its letters come due on the next day at the same local time,
// beside that day's own. So every local date has exactly one instant for each time of
// day, and a person on "the 30th of each month" is not forgotten.
//
// [Due] is the exact inverse of [At]: over windows that follow one another it yields
// every (date, time of day) of the grid once, wherever they are cut.
//
// # Rules
//
// The rules are RFC 5545 recurrence rules ([Rules]) with two differences that people
// expect and the RFC does not: a month that is too short for its day uses its last
// day, and 29 February is 28 February in a common year. The RFC skips both (section
// 3.3.10), so what we mean is written as the last day of a month.
//
// # The zone database
//
// The binary holds its own (zones.db), and nothing else is ever read: neither the machine's, which
// may be years old, nor the one that Go can link in. So all machines agree on when a letter is due.
// [Edition] says how current it is; `make zones` renews it.
package cadence
