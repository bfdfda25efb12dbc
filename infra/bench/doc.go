// Package bench measures what a cold start of each function costs: the size of its binary, and the time from exec to
// the moment when it asks for its first event, beside those of a function that does nothing, and from there to the
// end of that event, where what was not read at the start has to be. `make bench` runs it.
package bench
