package curriculum

import (
	"example.org/mend/content"
	"example.org/mend/shared/mend"
)

// StateOf is where a person stands on their path.
func StateOf(sub mend.Subscription) State {
	return State{
		Path: sub.Path, Role: RoleOf(sub.Role), NoContact: sub.NoContact || sub.Path == mend.Apart,
		Retired: ParseBitmap(sub.Retired), Moods: sub.Moods, Step: sub.Step,
	}
}

func RoleOf(r mend.Role) content.Role { return content.Role(r) }
