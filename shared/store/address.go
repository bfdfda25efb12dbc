package store

import "example.org/mend/shared/mend"

// AddressLeft is an address that a person moved away from, with its new record:
// nobody's.
type AddressLeft struct {
	Address mend.Address
	Record  AddressRecord
}
