"""People: shoppers' one-time codes and guest passes, staff and their memberships, the operator."""
