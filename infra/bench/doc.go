// Package bench measures the cold start of each function: the size of its binary, the time from
// exec until it asks for its first event, and the time until that event is done. It compares them
// with a function that does nothing. `make bench` runs it.
package bench
