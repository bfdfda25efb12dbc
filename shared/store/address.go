package store

import "example.org/mend/shared/person"

// AddressLeft is an address that a person moved away from, with its record as it shall be: nobody's.
type AddressLeft struct {
	Address person.Address
	Record  AddressRecord
}
