"""What an officer is asked, by whom it is answered, and which answers may follow which. Values in, values out."""
