"""What a person looks at: `draw` marks a picture, `overlay` chooses the marks, `notebook_card` shows a reading."""
